"""What the relational homes have in common: one short path through ADBC, and transactions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, ClassVar

import pandas as pd
import pyarrow as pa
from adbc_driver_manager import dbapi

from segue.groups import FeatureGroup, Kind
from segue.store import statements
from segue.store.arrow import decode, encode, encode_values
from segue.store.base import Where


class SQLStore(ABC):
    """A feature store in a relational database: a table for each feature group, made on its first write.

    Holds no connection between calls, so it can be shared by threads and sent to other processes.
    """

    column_types: ClassVar[Mapping[Kind, str]]
    """The SQL types of columns."""

    arrow_types: ClassVar[Mapping[Kind, pa.DataType]]
    """What the driver takes and gives for them."""

    table_options: ClassVar[str] = ""
    """What follows the columns of a table."""

    find_table: ClassVar[str]
    """The query that has a row where there is a table of the name that is bound to it."""

    @abstractmethod
    def _connected(self, reading: bool = False) -> AbstractContextManager[Any]:
        """Return a cursor of a new connection that commits each statement; whatever fails is a StoreError."""

    @abstractmethod
    def _begin(self, cursor: Any, groups: Sequence[FeatureGroup]) -> None:
        """Begin a transaction, and wait until nobody else writes to `groups`."""

    @abstractmethod
    def _bring(self, cursor: Any, group: FeatureGroup, rows: pa.Table) -> Callable[[], None]:
        """Do with `rows` what needs no transaction, and return what upserts them within one."""

    def upsert(self, group: FeatureGroup, frame: pd.DataFrame) -> None:
        """Insert the rows of `frame`; where a row with the same primary key exists, replace it."""
        rows = encode(group, group.validate(frame), self.arrow_types)
        with self._connected() as cursor:
            write = self._bring(cursor, group, rows)
            with self._transaction(cursor, [group]):
                self._create(cursor, group)
                write()

    def replace(self, group: FeatureGroup, frame: pd.DataFrame, where: Where | None = None) -> None:
        """Make the rows that meet `where` (None: all) exactly those of `frame`, in one step."""
        condition, bound = statements.where_clause(group, where)
        rows = encode(group, group.validate(frame), self.arrow_types)
        with self._connected() as cursor:
            write = self._bring(cursor, group, rows)
            with self._transaction(cursor, [group]):
                self._create(cursor, group)
                cursor.execute(statements.delete(group, condition), self._row(bound))
                write()

    def read(
        self, group: FeatureGroup, columns: Sequence[str] | None = None, where: Where | None = None
    ) -> pd.DataFrame:
        """Return the rows that meet `where` (None: all), ordered by primary key, with the dtypes of the schema."""
        names = list(group.columns if columns is None else columns)
        condition, bound = statements.where_clause(group, where)
        with self._connected(reading=True) as cursor:
            if self._exists(cursor, group):
                cursor.execute(statements.select(group, names, condition), self._row(bound))
                table = cursor.fetch_arrow_table()
            else:
                table = pa.table({name: pa.nulls(0) for name in names})
        return decode(group, names, table, self.arrow_types)

    def update(self, group: FeatureGroup, where: Where, changes: Mapping[str, Any]) -> None:
        """Set some columns of the rows that meet `where`; everything else of them stays as it is at that moment."""
        condition, bound = statements.where_clause(group, where, first=len(changes) + 1)
        changed = self.read(group, where=where).assign(**changes)
        if changed.empty:
            return
        # Checked as whole rows, so that what is written fits the schema.
        row = encode(group, group.validate(changed), self.arrow_types).slice(0, 1).combine_chunks()
        values = [row[name].chunk(0) for name in changes]
        with self._connected() as cursor, self._transaction(cursor, [group]):
            cursor.execute(statements.update(group, changes, condition), self._row(bound, values))

    def delete(self, group: FeatureGroup, where: Where) -> None:
        """Delete the rows that meet `where`."""
        self.delete_everywhere((group,), where)

    def delete_everywhere(self, groups: Sequence[FeatureGroup], where: Where) -> None:
        """Delete the rows of all `groups` that meet `where`, in one transaction."""
        deletions = [(group, *statements.where_clause(group, where)) for group in groups]
        with self._connected(reading=True) as cursor, self._transaction(cursor, groups):
            for group, condition, bound in deletions:
                if self._exists(cursor, group):
                    cursor.execute(statements.delete(group, condition), self._row(bound))

    @contextmanager
    def _transaction(self, cursor: Any, groups: Sequence[FeatureGroup]) -> Iterator[None]:
        try:
            self._begin(cursor, groups)
            yield
        except BaseException:
            with suppress(dbapi.Error):
                cursor.execute("ROLLBACK")
            raise
        cursor.execute("COMMIT")

    def _exists(self, cursor: Any, group: FeatureGroup) -> bool:
        cursor.execute(self.find_table, self._row([("text", [statements.table_name(group)])]))
        return bool(cursor.fetchall())

    def _create(self, cursor: Any, group: FeatureGroup) -> None:
        # Not by IF NOT EXISTS, for which PostgreSQL wants the right to create tables although there is nothing to do.
        if not self._exists(cursor, group):
            cursor.execute(statements.create(group, self.column_types, self.table_options))

    def _row(self, bound: Sequence[tuple[Kind, list[Any]]], values: Sequence[pa.Array] = ()) -> pa.RecordBatch | None:
        """Return one row of parameters, each of its column's type, which a missing value would not tell."""
        columns = [encode_values(kind, accepted, self.arrow_types) for kind, accepted in bound]
        parameters = [*values, *(column.slice(place, 1) for column in columns for place in range(len(column)))]
        names = [str(number) for number in range(len(parameters))]
        return pa.record_batch(parameters, names=names) if parameters else None
