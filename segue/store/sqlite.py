"""The embedded store: one SQLite file in WAL mode, through ADBC and nothing else.

Two SQLite libraries in one process do not see each other's file locks and destroy the file, so neither `sqlite3` nor
anything that uses it may be imported beside this module.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
import pyarrow as pa
from adbc_driver_manager import dbapi as errors
from adbc_driver_sqlite import dbapi

from segue.errors import StoreError
from segue.groups import DTYPES, FeatureGroup, Kind
from segue.store.base import Where

SQL_TYPES: dict[Kind, str] = {
    "text": "TEXT",
    "integer": "INTEGER",
    "real32": "REAL",
    "real64": "REAL",
    "flag": "INTEGER",
    "time": "INTEGER",  # microseconds since 1970, UTC: SQLite has no time of its own, and ADBC drops the zone
}
ARROW_TYPES: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "real32": pa.float64(),
    "real64": pa.float64(),
    "flag": pa.int64(),
    "time": pa.int64(),
}
READ_TYPES: dict[Kind, pa.DataType] = {"flag": pa.bool_(), "time": pa.timestamp("us", tz="UTC")}
PANDAS_TYPES = {pa.string(): DTYPES["text"], pa.int64(): DTYPES["integer"], pa.bool_(): DTYPES["flag"]}
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
BUSY_TIMEOUT_MS = 60_000
PRAGMAS = (
    f"busy_timeout = {BUSY_TIMEOUT_MS}",
    "journal_mode = WAL",
    "synchronous = NORMAL",
    # What is deleted is somebody's listening, or their token: it must not stay in the file's free pages.
    "secure_delete = ON",
)
# ADBC infers a column's type from its first batch, and fails when a later one disagrees: read in one batch.
READ_BATCH_ROWS = 2**31 - 2


class SQLiteStore:
    """A feature store in one SQLite file.

    Holds no connection between calls, so it can be shared by threads and sent to other processes.

    Parameters
    ----------
    path : Path
        The file; it and its folder are created on the first write.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def upsert(self, group: FeatureGroup, frame: pd.DataFrame) -> None:
        """Insert the rows of `frame`; where a row with the same primary key exists, replace it."""
        with self._staged(group, frame) as cursor, _transaction(cursor):
            cursor.execute(_create(group))
            cursor.execute(_upsert(group))

    def replace(self, group: FeatureGroup, frame: pd.DataFrame, where: Where | None = None) -> None:
        """Make the rows that meet `where` (None: all) exactly those of `frame`, in one step."""
        condition, values = _condition(group, where)
        with self._staged(group, frame) as cursor, _transaction(cursor):
            cursor.execute(_create(group))
            cursor.execute(f"DELETE FROM {_table(group)}{condition}", values)
            cursor.execute(_upsert(group))

    def read(
        self, group: FeatureGroup, columns: Sequence[str] | None = None, where: Where | None = None
    ) -> pd.DataFrame:
        """Return the rows that meet `where` (None: all), ordered by primary key, with the dtypes of the schema."""
        names = list(group.columns if columns is None else columns)
        condition, values = _condition(group, where)
        query = f"SELECT {_list(names)} FROM {_table(group)}{condition} ORDER BY {_list(group.primary_key)}"
        with self._connected(reading=True) as cursor:
            if not _exists(cursor, group):
                return _decode(group, names, pa.table({name: pa.nulls(0) for name in names}))
            cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(READ_BATCH_ROWS)})
            cursor.execute(query, values)
            return _decode(group, names, cursor.fetch_arrow_table())

    def update(self, group: FeatureGroup, where: Where, changes: Mapping[str, Any]) -> None:
        """Set some columns of the rows that meet `where`; everything else of them stays as it is at that moment."""
        condition, values = _condition(group, where)
        changed = self.read(group, where=where).assign(**changes)
        if changed.empty:
            return
        # Checked as whole rows, so that what is written fits the schema.
        row = _encode(group, group.validate(changed)).slice(0, 1).to_pylist()[0]
        terms = ", ".join(f'"{name}" = ?' for name in changes)
        with self._connected() as cursor, _transaction(cursor):
            cursor.execute(
                f"UPDATE {_table(group)} SET {terms}{condition}", [*(row[name] for name in changes), *values]
            )

    def delete(self, group: FeatureGroup, where: Where) -> None:
        """Delete the rows that meet `where`."""
        self.delete_everywhere((group,), where)

    def delete_everywhere(self, groups: Sequence[FeatureGroup], where: Where) -> None:
        """Delete the rows of all `groups` that meet `where`, in one transaction."""
        conditions = [(group, *_condition(group, where)) for group in groups]
        with self._connected(reading=True) as cursor, _transaction(cursor):
            for group, condition, values in conditions:
                if _exists(cursor, group):
                    cursor.execute(f"DELETE FROM {_table(group)}{condition}", values)

    @contextmanager
    def _connected(self, reading: bool = False) -> Iterator[Any]:
        # A store that does not exist yet is read as an empty one, and not made by that.
        absent = reading and not self.path.exists()
        address = ":memory:" if absent else f"file:{quote(str(self.path.absolute()))}"
        try:
            if not absent:
                _make_private(self.path)
            with (
                dbapi.connect(address, autocommit=True) as connection,
                connection.cursor() as cursor,
            ):
                for pragma in PRAGMAS:
                    cursor.execute(f"PRAGMA {pragma}")
                    cursor.fetchall()
                yield cursor
        except errors.Error as error:
            raise StoreError(_explain(self.path, str(error))) from error

    @contextmanager
    def _staged(self, group: FeatureGroup, frame: pd.DataFrame) -> Iterator[Any]:
        """Bring the rows into a temporary table first: that takes no lock, so others wait only for the upsert."""
        table = _encode(group, group.validate(frame))
        with self._connected() as cursor:
            cursor.adbc_ingest("staging", table, mode="create", temporary=True)
            yield cursor


def _make_private(path: Path) -> None:
    """Create the file for its owner only, before SQLite would create it for everybody: it holds people's listening."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, mode=0o600))
    except OSError as error:
        reason = f"cannot be created ({error.strerror}): set SEGUE_VAR to a folder of yours"
        raise StoreError(f"{path}: {reason}") from error


@contextmanager
def _transaction(cursor: Any) -> Iterator[None]:
    cursor.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with suppress(errors.Error):
            cursor.execute("ROLLBACK")
        raise
    cursor.execute("COMMIT")


def _table(group: FeatureGroup) -> str:
    return f'"{group.name}_{group.version}"'


def _list(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _exists(cursor: Any, group: FeatureGroup) -> bool:
    cursor.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (_table(group).strip('"'),))
    return bool(cursor.fetchall())


def _create(group: FeatureGroup) -> str:
    columns = [
        f'"{name}" {SQL_TYPES[column.kind]}{"" if column.nullable else " NOT NULL"}'
        for name, column in group.columns.items()
    ]
    keys = f"PRIMARY KEY ({_list(group.primary_key)})"
    return f"CREATE TABLE IF NOT EXISTS {_table(group)} ({', '.join([*columns, keys])}) STRICT"


def _upsert(group: FeatureGroup) -> str:
    names = _list(list(group.columns))
    updates = ", ".join(f'"{name}" = excluded."{name}"' for name in group.columns if name not in group.primary_key)
    return (
        f"INSERT INTO {_table(group)} ({names}) SELECT {names} FROM temp.staging WHERE true "
        f"ORDER BY {_list(group.primary_key)} ON CONFLICT ({_list(group.primary_key)}) DO UPDATE SET {updates}"
    )


def _condition(group: FeatureGroup, where: Where | None) -> tuple[str, list[str | int]]:
    if where is None:
        return "", []
    terms: list[str] = []
    values: list[str | int] = []
    for name, wanted in where.items():
        if name not in group.columns:
            raise StoreError(f"feature group {group.name!r} has no column {name!r}")
        accepted: list[Any] = [wanted] if isinstance(wanted, str | int) else list(wanted)
        terms.append(f'"{name}" IN ({", ".join("?" * len(accepted))})')
        values += [_microseconds(value) if isinstance(value, datetime) else value for value in accepted]
    return f" WHERE {' AND '.join(terms)}", values


def _microseconds(time: datetime) -> int:
    return (time - EPOCH) // timedelta(microseconds=1)


def _encode(group: FeatureGroup, frame: pd.DataFrame) -> pa.Table:
    arrays = {}
    for name, column in group.columns.items():
        values = frame[name]
        if column.kind == "time":
            values = values.astype("int64").where(values.notna())
        arrays[name] = pa.array(values, from_pandas=True).cast(ARROW_TYPES[column.kind])
    return pa.table(arrays)


def _decode(group: FeatureGroup, names: Sequence[str], table: pa.Table) -> pd.DataFrame:
    arrays = {}
    for name in names:
        kind = group.columns[name].kind
        # An empty or all-missing column comes back as integers, whatever it was declared to be.
        values = table[name].cast(ARROW_TYPES[kind])
        arrays[name] = values.cast(READ_TYPES[kind]) if kind in READ_TYPES else values
    return group.validate(pa.table(arrays).to_pandas(types_mapper=PANDAS_TYPES.get), names)


# What SQLite says, and what it means for a person. The driver reports a full disk while staging only by the rollback
# that it then attempts in vain.
EXPLANATIONS = (
    (
        r"disk is full|disk I/O error|cannot rollback",
        "the disk, or the one for temporary files, is full; nothing was changed, free some space and run this again",
    ),
    (
        r"not a database|malformed",
        "this is not a usable SQLite file; move it away and run `segue nightly` to build a new one",
    ),
    (
        r"unable to open|readonly|allocate memory",
        "cannot be opened for writing; check its permissions or set SEGUE_VAR to another folder",
    ),
    (r"locked", "another program has held the store for over a minute; let it finish and run this again"),
)


def _explain(path: Path, message: str) -> str:
    known = (meaning for pattern, meaning in EXPLANATIONS if re.search(pattern, message))
    return f"{path}: {next(known, message)}"
