"""From the schemas to feature groups on Hopsworks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from segue.errors import StoreError
from segue.groups import FeatureGroup, Kind
from segue.store.arrow import TYPES as ARROW

TYPES: dict[Kind, str] = {
    "text": "string",
    "integer": "bigint",
    "real32": "float",
    "real64": "double",
    "flag": "boolean",
    "time": "timestamp",
}
"""What Hopsworks calls each kind."""

STORED = ARROW | {"time": pa.timestamp("us")}
"""As what each kind comes back: times without their zone, which is UTC."""


def find_or_describe(feature_store: Any, group: FeatureGroup, stream: bool) -> Any:
    """Return the feature group on the server; where there is none, one that the first insert makes (its id is None).

    Parameters
    ----------
    feature_store : hsfs.feature_store.FeatureStore
    group : FeatureGroup
    stream : bool
        Whether a new group is written through Kafka and a job on the cluster.

    Raises
    ------
    StoreError
        If the server's has other columns or types.
    """
    from hsfs.feature import Feature

    found = feature_store.get_or_create_feature_group(
        group.name,
        group.version,
        description=group.meaning,
        primary_key=list(group.primary_key),
        # With an event time, the same key at another time would be another row.
        event_time=None,
        online_enabled=False,
        time_travel_format="DELTA",
        stream=stream,
        statistics_config=False,
        features=[
            Feature(name, TYPES[column.kind], column.meaning, primary=name in group.primary_key)
            for name, column in group.columns.items()
        ],
    )
    if found.id is not None:
        _check(group, {feature.name: feature.type for feature in found.features}, found.primary_key)
    return found


def empty(group: FeatureGroup, names: Sequence[str]) -> pa.Table:
    """Return no rows, with these columns."""
    return pa.table({name: pa.array([], STORED[group.columns[name].kind]) for name in names})


def _check(group: FeatureGroup, there: dict[str, str], keys: Sequence[str]) -> None:
    expected = {name: TYPES[column.kind] for name, column in group.columns.items()}
    differences = [
        *(f"lacks column {name!r}" for name in expected if name not in there),
        *(f"has a column {name!r} that Segue does not know" for name in there if name not in expected),
        *(
            f"has column {name!r} as {there[name]}, not {kind}"
            for name, kind in expected.items()
            if there.get(name, kind) != kind
        ),
    ]
    if set(keys) != set(group.primary_key):
        differences.append(f"has the primary key {', '.join(keys)}, not {', '.join(group.primary_key)}")
    if differences:
        raise StoreError(
            f"feature group {group.name!r}, version {group.version}, on Hopsworks {differences[0]}: it was changed"
            " there, or another version of Segue made it; use that one, or delete the group there to make it anew"
        )
