"""What only a store on PostgreSQL does, or can suffer: a server between machines."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import pytest
from adbc_driver_postgresql import dbapi
from generations import generation
from postgresql_server import execute

from segue.errors import SegueError, SettingsError, StoreError
from segue.groups import PLAYLIST_TRACKS
from segue.settings import Settings
from segue.store import FeatureStore, open_store

pytest_plugins = ("postgresql_fixture",)

PASSWORD = "open/sesame@#?"  # noqa: S105 - nobody's
ENCODED = "open%2Fsesame%40%23%3F"


@pytest.fixture
def store(schema_url: str) -> FeatureStore:
    """Return an empty store."""
    return open_store(schema_url)


def login_of(url: str, user: str, password: str = ENCODED, database: str | None = None) -> str:
    """Return the same address for another user, or another database."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    path = parts.path if database is None else f"/{database}"
    return urlunsplit((parts.scheme, f"{user}:{password}@{host}", path, parts.query, ""))


def refusal(url: str) -> str:
    """Return why a write is refused."""
    with pytest.raises(SegueError) as refused:
        open_store(url).upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    message = str(refused.value)
    assert "sesame" not in message
    assert "\n" not in message
    return message


def schema_of(url: str) -> str:
    """Return the name of the schema of a test."""
    return url.rpartition("%3D")[2]


@pytest.fixture
def guest(postgresql: str, schema_url: str) -> Iterator[str]:
    """Return the name of a user who may log in and see the schema, and nothing else."""
    name = f"guest_{schema_of(schema_url)}"
    execute(postgresql, f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
    execute(postgresql, f"GRANT USAGE ON SCHEMA {schema_of(schema_url)} TO {name}")
    yield name
    execute(postgresql, f"DROP OWNED BY {name}")
    execute(postgresql, f"DROP ROLE {name}")


def test_an_unreachable_server_is_named() -> None:
    """Its name or its port is wrong, or it is not running."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        port = taken.getsockname()[1]
        message = refusal(f"postgresql://me:{ENCODED}@127.0.0.1:{port}/segue")
    assert message == (
        f"postgresql://127.0.0.1:{port}/segue: the server cannot be reached: "
        "check host and port in SEGUE_STORE, and that it is running"
    )
    assert "cannot be reached" in refusal(f"postgresql://me:{ENCODED}@no-such-host.invalid/segue")


def test_a_wrong_password_is_told_from_a_missing_database(schema_url: str, guest: str) -> None:
    """And neither shows the password."""
    assert "the server refused the login" in refusal(login_of(schema_url, guest, "wrong%2Fsesame"))
    assert "the server refused the login" in refusal(login_of(schema_url, "nobody_of_that_name"))
    assert "there is no such database" in refusal(login_of(schema_url, guest, database="nowhere"))


def test_a_missing_right_is_named(schema_url: str, guest: str, store: FeatureStore) -> None:
    """Who may read only reads, and who may write to the tables that are there needs no right to make others."""
    url = login_of(schema_url, guest)
    assert "this user lacks a right: GRANT TEMPORARY on the database, USAGE and CREATE on the schema" in refusal(url)
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    assert "this user lacks a right" in refusal(url)
    execute(schema_url, f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema_of(schema_url)} TO {guest}")
    assert len(open_store(url).read(PLAYLIST_TRACKS)) == 3
    assert "this user lacks a right" in refusal(url)
    execute(schema_url, f"GRANT ALL ON ALL TABLES IN SCHEMA {schema_of(schema_url)} TO {guest}")
    open_store(url).upsert(PLAYLIST_TRACKS, generation(2, rows=3))
    assert store.read(PLAYLIST_TRACKS)["position"].tolist() == [2, 2, 2]


def test_a_server_that_takes_no_writes_is_named(schema_url: str) -> None:
    """As a copy for readers."""
    assert "this server takes no writes" in refusal(f"{schema_url}%20-cdefault_transaction_read_only%3Don")


@pytest.mark.parametrize(
    "change",
    [
        "DROP COLUMN position",
        "RENAME COLUMN source TO origin",
        "ALTER COLUMN position TYPE DATE USING '2026-01-01'::date",
        "DROP CONSTRAINT playlist_tracks_1_pkey",
        "ADD COLUMN mood TEXT NOT NULL DEFAULT ''; ",
    ],
)
def test_a_table_that_was_changed_on_the_server_is_not_written_to(
    schema_url: str, store: FeatureStore, change: str
) -> None:
    """By another version of Segue, or by hand: nothing is half-written. A further column does no harm."""
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    execute(schema_url, f"ALTER TABLE playlist_tracks_1 {change.strip('; ')}")
    if "ADD" in change:
        store.upsert(PLAYLIST_TRACKS, generation(2, rows=3))
        assert store.read(PLAYLIST_TRACKS)["position"].tolist() == [2, 2, 2]
        return
    assert "a table is not as this version of Segue made it" in refusal(schema_url)
    assert execute(schema_url, "SELECT count(*) FROM playlist_tracks_1") == "3"


def test_a_column_of_another_type_is_not_read(schema_url: str, store: FeatureStore) -> None:
    """The message says which."""
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    execute(schema_url, "ALTER TABLE playlist_tracks_1 ALTER COLUMN position TYPE TEXT USING 'first'")
    with pytest.raises(StoreError, match="'playlist_tracks': the store keeps column 'position' as string"):
        store.read(PLAYLIST_TRACKS)


def test_a_text_that_the_server_cannot_keep_is_refused(store: FeatureStore) -> None:
    """Whole: no other row of the frame is written."""
    rows = generation(1, rows=3)
    rows.loc[1, "source"] = "no\0end"
    with pytest.raises(StoreError, match="a character that this database cannot keep"):
        store.upsert(PLAYLIST_TRACKS, rows)
    assert store.read(PLAYLIST_TRACKS).empty


def test_a_server_that_ends_the_session_costs_that_one_call(schema_url: str, store: FeatureStore) -> None:
    """As when it is started anew: the next call makes a connection of its own."""
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    name = f"victim_{schema_of(schema_url)}"[:63]
    victim = open_store(f"{schema_url}&application_name={name}")
    with blocked_writes(schema_url), ThreadPoolExecutor(1) as pool:
        write = pool.submit(victim.upsert, PLAYLIST_TRACKS, generation(2, rows=3))
        sessions = f"FROM pg_stat_activity WHERE application_name = '{name}' AND wait_event_type = 'Lock'"
        while execute(schema_url, f"SELECT count(*) {sessions}") == "0":
            assert not write.done()
        execute(schema_url, f"SELECT pg_terminate_backend(pid) {sessions}")
        with pytest.raises(StoreError, match="the server went away"):
            write.result()
    victim.upsert(PLAYLIST_TRACKS, generation(3, rows=3))
    assert store.read(PLAYLIST_TRACKS)["position"].tolist() == [3, 3, 3]


@contextmanager
def blocked_writes(url: str) -> Iterator[None]:
    """Hold the table, as somebody does who changes it by hand."""
    with dbapi.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("LOCK TABLE playlist_tracks_1 IN SHARE MODE")
        yield


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://me:{PASSWORD}@host/segue",
        "postgresql://me:12/sesame@host/segue",
        "postgresql://me:a/sesame@host/segue",
        "postgresql://me:sesame?@host/segue",
        "postgresql://host/segue?password=sesame#1",
        "postgresql://host:port/segue?password=sesame",
        "postgresql://host/segue?sesame",
        "postgresqk://me:open/sesame@host/segue?password=sesame",
    ],
)
def test_an_address_that_cannot_be_read_is_not_shown(url: str) -> None:
    """Whatever part of it may be one of the password; it is said how to write those."""
    with pytest.raises(SettingsError, match="postgresql://USER:PASSWORD@HOST") as refused:
        open_store(url)
    assert "sesame" not in str(refused.value)


@pytest.mark.parametrize("query", ["?nonsense=sesame", "?sslmode=sesame", "?connect_timeout=sesame"])
def test_an_option_that_the_client_does_not_take_is_refused(query: str) -> None:
    """Without a connection."""
    assert "has an option that libpq does not take" in refusal(f"postgresql://me:{ENCODED}@127.0.0.1:9/segue{query}")


def test_the_password_stays_out_of_every_log(
    schema_url: str, guest: str, every_log: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Also where the login works, and where something fails afterwards."""
    url = login_of(schema_url, guest)
    assert open_store(url).read(PLAYLIST_TRACKS).empty
    refusal(url)
    shown = capfd.readouterr()
    assert not {secret for secret in (PASSWORD, ENCODED) if secret in every_log.text + shown.out + shown.err}
    assert "sesame" not in repr(Settings(SEGUE_STORE=url))
