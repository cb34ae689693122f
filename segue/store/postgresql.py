"""The store of several machines: tables of a PostgreSQL server, through ADBC."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import pyarrow as pa
from adbc_driver_postgresql import dbapi

from segue.errors import StoreError
from segue.groups import FeatureGroup, Kind
from segue.store import statements
from segue.store.address import with_defaults, without_secrets
from segue.store.arrow import TYPES
from segue.store.postgresql_errors import explain
from segue.store.sql import SQLStore

# Ordered as SQLite orders text, and with the index that equality needs, whatever the database's language.
SQL_TYPES: dict[Kind, str] = {
    "text": 'TEXT COLLATE "C"',
    "integer": "BIGINT",
    "real32": "REAL",
    "real64": "DOUBLE PRECISION",
    "flag": "BOOLEAN",
    "time": "TIMESTAMPTZ",
}
# Each statement sees what was committed before it, whatever the server's default: one that has waited for its turn
# must see what was written meanwhile. Who waits, or has gone silent, for over a minute is not waited for.
BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"
PATIENCE = (
    "SELECT set_config('lock_timeout', '60s', true), set_config('idle_in_transaction_session_timeout', '60s', true)"
)
# A machine that was switched off, or cut off, while it held a lock keeps it for two minutes, not for two hours.
ALIVE = (
    "SELECT set_config('tcp_keepalives_idle', '60', false), "
    "set_config('tcp_keepalives_interval', '10', false), set_config('tcp_keepalives_count', '6', false)"
)


class PostgreSQLStore(SQLStore):
    """A feature store on a PostgreSQL server, in the schema that is first in the user's search path.

    Writes to one group take turns, by advisory locks that end with the transaction: no two writers ever wait for each
    other, and a writer that is killed leaves nothing, neither rows nor locks. Readers wait for nobody.

    Parameters
    ----------
    url : str
        Such as ``postgresql://user:password@host:5432/database``; what libpq takes from the environment or from
        ``~/.pgpass`` can be left out.

    Raises
    ------
    SettingsError
        If the address cannot be read.
    """

    column_types = SQL_TYPES
    arrow_types = TYPES
    find_table = "SELECT 1 FROM pg_class WHERE oid = to_regclass($1)"

    def __init__(self, url: str) -> None:
        self.place = without_secrets(url)
        self._address = with_defaults(url)

    @contextmanager
    def alone(self, name: str, waiting: Callable[[], None]) -> Iterator[None]:
        """Hold the lock `name` of this store, which the end of a connection lets go of, even by a kill.

        Parameters
        ----------
        name : str
            No lock of a group's: whoever holds it can write.
        waiting : callable
            Called before waiting for somebody, on whatever machine, who holds it.
        """
        with self._connected() as cursor:
            cursor.execute(ALIVE)
            cursor.fetchall()
            if not _lock(cursor, "pg_try_advisory_lock", f"alone: {name}"):
                waiting()
                _lock(cursor, "pg_advisory_lock", f"alone: {name}")
            yield

    @contextmanager
    def _connected(self, reading: bool = False) -> Iterator[Any]:
        del reading  # a table that does not exist yet is not made by looking for it
        try:
            with _source(self._address).adbc_clone() as connection, connection.cursor() as cursor:
                yield cursor
        except dbapi.Error as error:
            if "canceling statement due to user request" in str(error):
                # The driver takes Ctrl-C for itself while it waits for the server.
                raise KeyboardInterrupt from None
            raise StoreError(f"{self.place}: {explain(error, self._address)}") from None

    def _begin(self, cursor: Any, groups: Sequence[FeatureGroup]) -> None:
        cursor.execute(BEGIN)
        cursor.execute(PATIENCE)
        cursor.fetchall()
        # In one order, so that no two writers wait for each other.
        for name in sorted(map(statements.table_name, groups)):
            _lock(cursor, "pg_advisory_xact_lock", name)

    def _bring(self, cursor: Any, group: FeatureGroup, rows: pa.Table) -> Callable[[], None]:
        # By COPY, many times faster than row by row; it takes no lock, so others wait only for the upsert.
        cursor.adbc_ingest("staging", rows, mode="create", temporary=True)
        return lambda: cursor.execute(statements.upsert_staged(group))


@cache
def _source(address: str) -> Any:
    """Return a closed connection to clone others from: the driver reads the server's types once, not for each call."""
    source = dbapi.connect(address, autocommit=True)
    source.adbc_connection.close()
    atexit.register(source.close)
    return source


def _lock(cursor: Any, function: str, name: str) -> Any:
    """Call one of PostgreSQL's functions for advisory locks, and return its answer."""
    # Of the schema, too: installations in different schemas of a database do not wait for one another.
    key = pa.record_batch([pa.array([name])], names=["name"])
    cursor.execute(f"SELECT {function}(hashtext(current_schema()), hashtext($1))", key)
    return cursor.fetchone()[0]
