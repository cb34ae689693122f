"""Between frames of a feature group and the Arrow tables that a driver takes and gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from segue.errors import StoreError
from segue.groups import DTYPES, FeatureGroup, Kind

TYPES: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "real32": pa.float32(),
    "real64": pa.float64(),
    "flag": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
}
PANDAS_TYPES = {TYPES[kind]: DTYPES[kind] for kind in ("text", "integer", "flag")}


def encode(group: FeatureGroup, frame: pd.DataFrame, stored: Mapping[Kind, pa.DataType]) -> pa.Table:
    """Return a frame that fits its group as a table of the types in which a store keeps it; NaN is missing there."""
    return pa.table(
        {
            name: pa.array(frame[name], from_pandas=True).cast(TYPES[column.kind]).cast(stored[column.kind])
            for name, column in group.columns.items()
        }
    )


def encode_values(kind: Kind, values: Iterable[Any], stored: Mapping[Kind, pa.DataType]) -> pa.Array:
    """Return values of a column's kind, None for a missing one, as an array of the type in which a store keeps them."""
    return pa.array(values, TYPES[kind]).cast(stored[kind])


def decode(
    group: FeatureGroup, names: Sequence[str], table: pa.Table, stored: Mapping[Kind, pa.DataType]
) -> pd.DataFrame:
    """Return what was read as a frame with the dtypes of the schema.

    Parameters
    ----------
    names : sequence of str
        The columns that were read.
    table : Table
        What the driver gave. Of a column that is empty or all missing it may give any type.

    Raises
    ------
    StoreError
        If a column cannot be what it was declared to be.
    SchemaError
        If a value does not fit the schema.
    """
    arrays = {}
    for name in names:
        kind = group.columns[name].kind
        try:
            arrays[name] = table[name].cast(stored[kind]).cast(TYPES[kind])
        except pa.ArrowException:
            raise StoreError(
                f"feature group {group.name!r}: the store keeps column {name!r} as {table[name].type}, not as {kind}; "
                "it was changed there, or by another version of Segue: use that one, or another SEGUE_STORE"
            ) from None
    return group.validate(pa.table(arrays).to_pandas(types_mapper=PANDAS_TYPES.get), names)
