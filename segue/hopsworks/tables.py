"""Changing the table of a feature group in one commit, where the client's own calls would need a read before it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from itertools import product
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from segue.groups import FeatureGroup
from segue.hopsworks.groups import STORED
from segue.hopsworks.reading import values_of
from segue.store.arrow import encode_values
from segue.store.base import Where

if TYPE_CHECKING:
    from deltalake import DeltaTable
    from deltalake.table import TableMerger
    from hsfs.core.delta_engine import DeltaEngine

ORPHANED = 24
"""Hours after which a file that no version of the table has is nobody's: no write takes that long."""


def update_rows(group: FeatureGroup, there: Any, where: Where, changes: Mapping[str, pa.Array]) -> bool:
    """Set columns of the rows that meet `where` when it is committed; return whether there were any.

    Parameters
    ----------
    group : FeatureGroup
    there : hsfs.feature_group.FeatureGroup
        The same on the server; its id is None if it is not there yet.
    where : mapping
    changes : mapping of str to Array
        Column → its one new value, of the type in which it is stored.

    Raises
    ------
    deltalake.exceptions.CommitFailedError
        If somebody else changed the same rows meanwhile: nothing has been written.
    """
    merging = _rows_that_meet(group, there, where, changes)
    if merging is None:
        return False
    updates = {f'"{name}"': f'meant."to_{name}"' for name in changes}
    return bool(merging.when_matched_update(updates).execute()["num_target_rows_updated"])


def delete_rows(group: FeatureGroup, there: Any, where: Where) -> bool:
    """Delete the rows that meet `where` when it is committed; return whether there were any. See `update_rows`."""
    merging = _rows_that_meet(group, there, where, {})
    return merging is not None and bool(merging.when_matched_delete().execute()["num_target_rows_deleted"])


def report_commit(there: Any) -> None:
    """Tell the server of the last commit, as the client does after its own."""
    engine = _engine(there)
    table = _table(engine)
    # There is no public call for it; the client's version is pinned.
    last = engine._get_last_commit_metadata(None, table.table_uri, engine._get_delta_rs_storage_options())  # noqa: SLF001
    engine._feature_group_api._commit(there, last)  # noqa: SLF001


def vacuum(there: Any) -> None:
    """Delete the files that hold what was overwritten or deleted, and what broken-off writes have left long ago."""
    from deltalake.exceptions import TableNotFoundError

    # A group has no table yet if whoever registered it was killed before their first row.
    with suppress(TableNotFoundError):
        if there.id is not None:
            table = _table(_engine(there))
            table.vacuum(0, dry_run=False, enforce_retention_duration=False)
            # Files that are in no version: among them may be those of somebody who is about to commit.
            table.vacuum(ORPHANED, dry_run=False, enforce_retention_duration=False, full=True)


def _rows_that_meet(
    group: FeatureGroup, there: Any, where: Where, changes: Mapping[str, pa.Array]
) -> TableMerger | None:
    """Return the beginning of a merge with a table that has a row for each combination of accepted values."""
    from deltalake.exceptions import TableNotFoundError

    accepted = [encode_values(group.columns[name].kind, values_of(wanted), STORED) for name, wanted in where.items()]
    rows = list(product(*(values.unique().to_pylist() for values in accepted)))
    if there.id is None or not rows:
        return None
    meant = pa.table(
        {
            **{
                f"is_{name}": pa.array(column, values.type)
                for name, column, values in zip(where, zip(*rows, strict=True), accepted, strict=True)
            },
            **{f"to_{name}": pa.repeat(value[0], len(rows)) for name, value in changes.items()},
        }
    )
    try:
        table = _table(_engine(there))
    except TableNotFoundError:
        return None
    return table.merge(
        meant,
        predicate=" AND ".join(f'kept."{name}" = meant."is_{name}"' for name in where),
        source_alias="meant",
        target_alias="kept",
    )


def _engine(there: Any) -> DeltaEngine:
    from hsfs.core.delta_engine import DeltaEngine

    return DeltaEngine(there.feature_store_id, there.feature_store_name, there, None, None)


def _table(engine: DeltaEngine) -> DeltaTable:
    from deltalake import DeltaTable

    # Only the client knows where a table is, and with what rights; it has no public call for that.
    return DeltaTable(engine._get_delta_rs_location(), storage_options=engine._get_delta_rs_storage_options())  # noqa: SLF001
