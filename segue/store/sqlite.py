"""The embedded store: one SQLite file in WAL mode, through ADBC and nothing else.

Two SQLite libraries in one process do not see each other's file locks and destroy the file, so neither `sqlite3` nor
anything that uses it may be imported beside this module.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
from adbc_driver_sqlite import dbapi

from segue.errors import StoreError
from segue.groups import FeatureGroup, Kind
from segue.store import statements
from segue.store.sql import SQLStore

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
BUSY_TIMEOUT_MS = 60_000
PRAGMAS = (
    f"busy_timeout = {BUSY_TIMEOUT_MS}",
    "journal_mode = WAL",
    "synchronous = NORMAL",
    # What is deleted is somebody's listening, or their token: it must not stay in the file's free pages.
    "secure_delete = ON",
)
# ADBC infers a column's type from its first batch, and fails when a later one disagrees: read in one batch.
ONE_BATCH = {"adbc.sqlite.query.batch_rows": str(2**31 - 2)}


class SQLiteStore(SQLStore):
    """A feature store in one SQLite file.

    Parameters
    ----------
    path : Path
        The file; it and its folder are created on the first write.
    """

    column_types = SQL_TYPES
    arrow_types = ARROW_TYPES
    table_options = " STRICT"
    find_table = "SELECT 1 FROM sqlite_master WHERE name = $1"

    def __init__(self, path: Path) -> None:
        self.path = path

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
                connection.cursor(adbc_stmt_kwargs=ONE_BATCH) as cursor,
            ):
                for pragma in PRAGMAS:
                    cursor.execute(f"PRAGMA {pragma}")
                    cursor.fetchall()
                yield cursor
        except dbapi.Error as error:
            raise StoreError(_explain(self.path, str(error))) from error

    def _begin(self, cursor: Any, groups: Sequence[FeatureGroup]) -> None:
        del groups  # one program writes to the file at a time
        cursor.execute("BEGIN IMMEDIATE")

    def _bring(self, cursor: Any, group: FeatureGroup, rows: pa.Table) -> Callable[[], None]:
        # Straight into the table: by way of a temporary one it takes half as long again, and holds the lock no shorter.
        # In the order of the keys, each page of the file is written once.
        ordered = rows.sort_by([(key, "ascending") for key in group.primary_key])
        return lambda: cursor.executemany(statements.upsert(group), ordered)


def _make_private(path: Path) -> None:
    """Create the file for its owner only, before SQLite would create it for everybody: it holds people's listening."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, mode=0o600))
    except OSError as error:
        reason = f"cannot be created ({error.strerror}): set SEGUE_VAR to a folder of yours"
        raise StoreError(f"{path}: {reason}") from error


# What SQLite says, and what it means for a person.
EXPLANATIONS = (
    (
        r"disk is full|disk I/O error",
        "the disk is full; nothing was changed, free some space and run this again",
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
