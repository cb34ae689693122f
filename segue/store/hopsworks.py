"""The store on Hopsworks: feature groups in the DELTA format, written directly and read through Arrow Flight.

What it cannot do in one step it does in an order in which a kill loses nothing, and running again completes it:

* `replace` writes the new rows first and removes the others then; in between, both are there. Which ones go is what it
  read at first: somebody on another machine may have written them anew meanwhile.
* `delete_everywhere` deletes group by group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import pandas as pd
import pyarrow as pa

from segue.errors import StoreError
from segue.groups import Column, FeatureGroup
from segue.hopsworks.calls import Groups
from segue.hopsworks.groups import STORED
from segue.hopsworks.reading import check_query_service, read_rows
from segue.hopsworks.tables import delete_rows, report_commit, update_rows, vacuum
from segue.hopsworks.trial import trial
from segue.locks import alone
from segue.settings import Settings
from segue.store.arrow import decode, encode
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

TRIAL = FeatureGroup(
    "segue_doctor",
    1,
    ("name",),
    "A trial of Segue's doctor; it may be deleted.",
    {"name": Column("text", "A name"), "value": Column("integer", "A number", nullable=True)},
)


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
        self._written: set[FeatureGroup] = set()

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
            keys_gone = before.filter(pa.array(gone))
            if len(keys_gone):
                self._groups.call(group, lambda there: there.remove_rows(keys_gone))
            self._groups.call(group, vacuum)

    def read(
        self, group: FeatureGroup, columns: Sequence[str] | None = None, where: Where | None = None
    ) -> pd.DataFrame:
        """Return the rows that meet `where` (None: all), ordered by primary key, with the dtypes of the schema."""
        names = list(group.columns if columns is None else columns)
        rows = self._read(group, list(dict.fromkeys([*names, *group.primary_key])), where or {})
        return decode(group, names, rows.sort_by([(key, "ascending") for key in group.primary_key]), STORED)

    def update(self, group: FeatureGroup, where: Where, changes: Mapping[str, Any]) -> None:
        """Set some columns of the rows that meet `where`; everything else of them stays as it is at that moment."""
        with self._writing(group):
            changed = self.read(group, where=where).assign(**changes)
            if changed.empty:
                return
            # Checked as whole rows, so that what is written fits the schema.
            row = encode(group, group.validate(changed), STORED).slice(0, 1).combine_chunks()
            values = {name: row[name].chunk(0) for name in changes}
            self._change(group, lambda there: update_rows(group, there, where, values))

    def delete(self, group: FeatureGroup, where: Where) -> None:
        """Delete the rows that meet `where`."""
        self._check(group, where)
        with self._writing(group):
            self._change(group, lambda there: delete_rows(group, there, where))

    def delete_everywhere(self, groups: Sequence[FeatureGroup], where: Where) -> None:
        """Delete the rows of all `groups` that meet `where`, in the order of `groups`."""
        for group in groups:
            self.delete(group, where)

    def drop(self, group: FeatureGroup) -> None:
        """Delete a whole group, rows and schema."""
        self._groups.call(group, lambda there: there.delete() if there.id is not None else None)
        self._groups.forget(group)
        self._written.discard(group)

    def _read(self, group: FeatureGroup, names: Sequence[str], where: Where) -> pa.Table:
        self._check(group, (*names, *where))
        return self._groups.call(group, lambda there: self._read_rows(group, there, names, where))

    def _read_rows(self, group: FeatureGroup, there: Any, names: Sequence[str], where: Where) -> pa.Table:
        if not self._reads and there.id is not None:
            check_query_service()
            self._reads = True
        return read_rows(group, there, names, where)

    def _insert(self, group: FeatureGroup, rows: pd.DataFrame) -> None:
        if rows.empty:
            return
        # Said once is enough, and each time is a commit of its own, which others may run into.
        options = {} if group in self._written else WRITE_OPTIONS
        self._groups.call(
            group,
            lambda there: there.insert(
                rows, write_options=dict(options), validation_options=dict(VALIDATION_OPTIONS), wait=there.stream
            ),
        )
        self._written.add(group)

    def _change(self, group: FeatureGroup, action: Callable[[Any], bool]) -> None:
        if self._groups.call(group, action):
            self._groups.call(group, report_commit)
        self._groups.call(group, vacuum)

    @staticmethod
    def _check(group: FeatureGroup, names: Iterable[str]) -> None:
        for name in names:
            if name not in group.columns:
                raise StoreError(f"feature group {group.name!r} has no column {name!r}")

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
    store = HopsworksStore(settings)
    with trial(lambda: store.drop(TRIAL)):
        store.upsert(TRIAL, pd.DataFrame({"name": ["a", "b"], "value": [1, None]}))
        store.delete(TRIAL, {"name": "a"})
        found = store.read(TRIAL)["name"].tolist()
    if found != ["b"]:
        raise StoreError("Hopsworks does not give back what was written: look at its status page, and try again")
    return "wrote, read and removed a feature group"
