"""The store on Hopsworks: feature groups in the DELTA format, written directly and read through Arrow Flight.

What it cannot do in one step it does in an order in which a kill loses nothing, and running again completes it:

* `replace` writes the new rows first and removes the others then; in between, both are there.
* `update` reads rows and writes them back. Nobody on this machine gets in between; somebody on another one might, and
  what they wrote in that moment is lost, or a row that they deleted is there again.
* `delete_everywhere` deletes group by group.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any

import pandas as pd
import pyarrow as pa

from segue.errors import StoreError
from segue.groups import Column, FeatureGroup
from segue.hopsworks.calls import Groups
from segue.hopsworks.groups import STORED
from segue.hopsworks.reading import check_query_service, read_rows
from segue.locks import alone
from segue.settings import Settings
from segue.store.arrow import decode
from segue.store.base import Where

WRITE_OPTIONS = {"delta.enableChangeDataFeed": "false"}
"""A feed of changes would keep what was deleted."""

VALIDATION_OPTIONS = {
    "run_validation": False,
    "fetch_expectation_suite": False,
    "save_report": False,
    "schema_validation": False,
}
"""Every frame has been checked against its schema before."""


class HopsworksStore:
    """A feature store in a project on Hopsworks.

    Parameters
    ----------
    settings : Settings
        Its store is ``hopsworks://PROJECT``; the key, and where to find the server, are beside it.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._groups = Groups(settings)
        self._reads = False

    def upsert(self, group: FeatureGroup, frame: pd.DataFrame) -> None:
        """Insert the rows of `frame`; where a row with the same primary key exists, replace it."""
        rows = group.validate(frame)
        with self._writing(group):
            self._insert(group, rows)

    def replace(self, group: FeatureGroup, frame: pd.DataFrame, where: Where | None = None) -> None:
        """Make the rows that meet `where` (None: all) exactly those of `frame`: first the new ones, then no others."""
        rows = group.validate(frame)
        keys = list(group.primary_key)
        with self._writing(group):
            before = self._read(group, keys, where or {})
            self._insert(group, rows)
            stay = pd.MultiIndex.from_frame(rows[keys])
            gone = ~pd.MultiIndex.from_frame(before.to_pandas()).isin(stay)
            self._remove(group, before.filter(pa.array(gone)))

    def read(
        self, group: FeatureGroup, columns: Sequence[str] | None = None, where: Where | None = None
    ) -> pd.DataFrame:
        """Return the rows that meet `where` (None: all), ordered by primary key, with the dtypes of the schema."""
        names = list(group.columns if columns is None else columns)
        rows = self._read(group, list(dict.fromkeys([*names, *group.primary_key])), where or {})
        return decode(group, names, rows.sort_by([(key, "ascending") for key in group.primary_key]), STORED)

    def update(self, group: FeatureGroup, where: Where, changes: Mapping[str, Any]) -> None:
        """Set some columns of the rows that meet `where`; see above for who may get in between."""
        with self._writing(group):
            changed = self.read(group, where=where).assign(**changes)
            if not changed.empty:
                self._insert(group, group.validate(changed))
                self._vacuum(group)

    def delete(self, group: FeatureGroup, where: Where) -> None:
        """Delete the rows that meet `where`."""
        self.delete_everywhere((group,), where)

    def delete_everywhere(self, groups: Sequence[FeatureGroup], where: Where) -> None:
        """Delete the rows of all `groups` that meet `where`, in the order of `groups`."""
        for group in groups:
            with self._writing(group):
                self._remove(group, self._read(group, list(group.primary_key), where))

    def drop(self, group: FeatureGroup) -> None:
        """Delete a whole group, rows and schema."""
        self._groups.call(group, lambda there: there.delete() if there.id is not None else None)
        self._groups.forget(group)

    def _read(self, group: FeatureGroup, names: Sequence[str], where: Where) -> pa.Table:
        for name in (*names, *where):
            if name not in group.columns:
                raise StoreError(f"feature group {group.name!r} has no column {name!r}")
        return self._groups.call(group, lambda there: self._read_rows(group, there, names, where))

    def _read_rows(self, group: FeatureGroup, there: Any, names: Sequence[str], where: Where) -> pa.Table:
        if not self._reads and there.id is not None:
            check_query_service()
            self._reads = True
        return read_rows(group, there, names, where)

    def _insert(self, group: FeatureGroup, rows: pd.DataFrame) -> None:
        if rows.empty:
            return
        self._groups.call(
            group,
            lambda there: there.insert(
                rows, write_options=dict(WRITE_OPTIONS), validation_options=dict(VALIDATION_OPTIONS), wait=there.stream
            ),
        )

    def _remove(self, group: FeatureGroup, keys: pa.Table) -> None:
        if len(keys):
            self._groups.call(group, lambda there: there.remove_rows(keys))
        self._vacuum(group)

    def _vacuum(self, group: FeatureGroup) -> None:
        """Delete the files of earlier versions: they hold what was overwritten or deleted, and fill the disk."""
        from deltalake.exceptions import TableNotFoundError

        def vacuum(there: Any) -> None:
            # A group has no table yet if whoever registered it was killed before their first row.
            with suppress(TableNotFoundError):
                if there.id is not None:
                    there.delta_vacuum(0)

        self._groups.call(group, vacuum)

    def _writing(self, group: FeatureGroup) -> AbstractContextManager[None]:
        """Let one writer of this machine at a time at a group: of several, all but one would fail and try again."""
        return alone(self._settings, f"{group.name}-{group.version}")


def smoke(settings: Settings) -> str:
    """Create a group of its own on Hopsworks, write, read and remove it; return one line of what was found.

    Raises
    ------
    StoreError, SettingsError
        If any of it does not work.
    """
    group = FeatureGroup(
        f"segue_doctor_{secrets.token_hex(4)}",
        1,
        ("name",),
        "A trial of Segue's doctor; it may be deleted.",
        {"name": Column("text", "A name"), "value": Column("integer", "A number", nullable=True)},
    )
    store = HopsworksStore(settings)
    rows = pd.DataFrame({"name": ["a", "b"], "value": [1, None]})
    try:
        store.upsert(group, rows)
        store.delete(group, {"name": "a"})
        if store.read(group)["name"].tolist() != ["b"]:
            raise StoreError("Hopsworks does not give back what was written: look at its status page, and try again")
    finally:
        store.drop(group)
    return "wrote, read and removed a feature group"
