"""What every feature store does: the embedded one here, others by the same tests."""

from __future__ import annotations

import random
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from generations import KEYS, generation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segue.errors import SchemaError, SettingsError, StoreError
from segue.groups import DTYPES, GROUPS, LISTENERS, PLAYLIST_TRACKS, RUNS, TRACKS
from segue.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from segue.groups import FeatureGroup
    from segue.store import FeatureStore

WRITER = Path(__file__).with_name("generations.py")


def writer(store_url: str, times: int, rows: int = KEYS) -> subprocess.Popen[str]:
    """Start another process that writes generations."""
    command = [sys.executable, str(WRITER), store_url, str(times), str(rows)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def behind_its_back(store: FeatureStore, statement: str) -> str:
    """Run a statement on the store's file from another process, past every check, and return what it printed."""
    code = (
        "import sys; from adbc_driver_sqlite import dbapi\n"
        "with dbapi.connect(sys.argv[1], autocommit=True) as connection, connection.cursor() as cursor:\n"
        "    cursor.execute(sys.argv[2]); print(*(cursor.fetchone() or ()))"
    )
    path = store.path  # type: ignore[attr-defined] # only the embedded store has one
    command = [sys.executable, "-c", code, f"file:{path}", statement]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return the address of a store that does not exist yet."""
    return f"sqlite:///{tmp_path / 'segue.db'}"


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_a_group_never_written_is_empty_and_typed(store: FeatureStore, group: FeatureGroup) -> None:
    """A reader need not know whether anything was ever written."""
    frame = store.read(group)
    assert frame.empty
    assert {name: frame[name].dtype for name in frame} == {
        name: pd.api.types.pandas_dtype(DTYPES[column.kind]) for name, column in group.columns.items()
    }


def test_an_upsert_replaces_rows_with_the_same_key_and_keeps_the_others(store: FeatureStore) -> None:
    """The primary key decides what is the same row."""
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=5))
    store.upsert(PLAYLIST_TRACKS, generation(2, rows=3))
    assert store.read(PLAYLIST_TRACKS)["position"].tolist() == [2, 2, 2, 1, 1]


def test_upserting_the_same_rows_again_changes_nothing(store: FeatureStore) -> None:
    """A pipeline that is run again writes the same rows: the store stays as it was."""
    store.upsert(PLAYLIST_TRACKS, generation(1))
    before = store.read(PLAYLIST_TRACKS)
    store.upsert(PLAYLIST_TRACKS, generation(1))
    pd.testing.assert_frame_equal(store.read(PLAYLIST_TRACKS), before)


def test_replace_leaves_exactly_the_new_rows_among_those_it_names(store: FeatureStore) -> None:
    """A listener's rows are replaced; those of others stay."""
    mine, yours = (generation(1, rows=4).assign(playlist_id=name) for name in ("test:mine", "test:yours"))
    store.upsert(PLAYLIST_TRACKS, pd.concat([mine, yours]))
    store.replace(PLAYLIST_TRACKS, mine.head(1), where={"playlist_id": "test:mine"})
    assert store.read(PLAYLIST_TRACKS)["playlist_id"].value_counts().to_dict() == {"test:mine": 1, "test:yours": 4}


def test_rows_are_read_by_columns_and_conditions(store: FeatureStore) -> None:
    """`where` takes one value or several for a column; all conditions must hold."""
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=9))
    wanted = {"track_id": [f"{row:022d}" for row in (2, 5, 7)], "position": 1}
    frame = store.read(PLAYLIST_TRACKS, columns=["track_id"], where=wanted)
    assert list(frame.columns) == ["track_id"]
    assert frame["track_id"].tolist() == wanted["track_id"]


def test_no_accepted_value_means_no_rows(store: FeatureStore) -> None:
    """An empty list of values is a condition that nothing meets."""
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    assert store.read(PLAYLIST_TRACKS, where={"track_id": []}).empty


def test_delete_removes_what_meets_the_condition(store: FeatureStore) -> None:
    """Deleting what is not there is no error: the result is the same."""
    store.delete(PLAYLIST_TRACKS, {"playlist_id": "test:1"})
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    store.delete(PLAYLIST_TRACKS, {"track_id": f"{1:022d}"})
    assert store.read(PLAYLIST_TRACKS)["track_id"].tolist() == [f"{row:022d}" for row in (0, 2)]


def test_an_update_changes_the_named_columns_only(store: FeatureStore) -> None:
    """Whatever somebody else has written to the others meanwhile stays."""
    store.update(PLAYLIST_TRACKS, {"playlist_id": "test:1"}, {"position": 7})
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    before = store.read(PLAYLIST_TRACKS)
    store.update(PLAYLIST_TRACKS, {"track_id": f"{1:022d}"}, {"position": 7})
    pd.testing.assert_frame_equal(
        store.read(PLAYLIST_TRACKS), before.assign(position=before["position"].where([True, False, True], 7))
    )
    with pytest.raises(SchemaError, match="column 'position'"):
        store.update(PLAYLIST_TRACKS, {"playlist_id": "test:1"}, {"position": -1})


def test_a_damaged_row_is_not_read(store: FeatureStore) -> None:
    """Whoever wrote past the schema, no pipeline works with it."""
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    damage = "UPDATE playlist_tracks_1 SET position = -5 WHERE track_id LIKE '%2'"
    behind_its_back(store, damage)
    with pytest.raises(SchemaError, match="'playlist_tracks', column 'position', row 3: -5"):
        store.read(PLAYLIST_TRACKS)


@pytest.mark.parametrize("name", ["a#b", "a?b", "a%20b", "a b", "ü"])
def test_the_store_is_where_its_address_says(tmp_path: Path, name: str) -> None:
    """Whatever characters a folder's name has."""
    store = open_store(f"sqlite:///{tmp_path / name / 'segue.db'}")
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    assert (tmp_path / name / "segue.db").stat().st_size > 0
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_only_its_owner_can_read_the_store(store: FeatureStore, tmp_path: Path) -> None:
    """It holds what people listen to; reading does not even make it."""
    assert store.read(PLAYLIST_TRACKS).empty
    assert not (tmp_path / "var").exists()
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "var" / "segue.db").stat().st_mode & 0o777 == 0o600


def test_readers_see_the_last_whole_state_while_somebody_writes(store: FeatureStore) -> None:
    """The file is in WAL mode: a writer does not shut readers out."""
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    assert behind_its_back(store, "PRAGMA journal_mode") == "wal"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_values_come_back_as_they_went_in(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Text of any script, missing values, flags, and times to the microsecond survive."""
    # SQLite's driver ends a text at a NUL character, and lone surrogates are no text at all.
    text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
    row = {
        "run_id": text,
        "pipeline": st.just("features"),
        "status": st.just("done"),
        "fingerprint": st.none() | text,
        "report": text,
        "started_at": st.datetimes(min_value=pd.Timestamp(1970, 1, 1), max_value=pd.Timestamp(2200, 1, 1)),
        "finished_at": st.datetimes(min_value=pd.Timestamp(1970, 1, 1), max_value=pd.Timestamp(2200, 1, 1)),
    }
    rows = data.draw(st.lists(st.fixed_dictionaries(row), unique_by=lambda each: each["run_id"], max_size=8))
    frame = pd.DataFrame(rows, columns=list(row))
    for name in ("started_at", "finished_at"):
        frame[name] = pd.to_datetime(frame[name]).dt.tz_localize("UTC")
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('store') / 'segue.db'}")
    store.upsert(RUNS, frame)
    back = store.read(RUNS).set_index("run_id")
    expected = RUNS.validate(frame).set_index("run_id")
    pd.testing.assert_frame_equal(back.sort_index(), expected.sort_index())


def test_a_row_outside_its_schema_is_refused_whole(store: FeatureStore) -> None:
    """The message names group, column, row and value, and nothing of the frame is written."""
    rows = generation(1, rows=5)
    rows.loc[3, "position"] = -1
    with pytest.raises(SchemaError, match=r"'playlist_tracks', column 'position', row 4: -1 is not .*\(1 such\)"):
        store.upsert(PLAYLIST_TRACKS, rows)
    assert store.read(PLAYLIST_TRACKS).empty


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.drop(columns="source"), "needs column 'source'"),
        (lambda frame: pd.concat([frame, frame.head(1)]), "1 rows repeat a key"),
        (lambda frame: frame.assign(position="first"), "column 'position'"),
        (lambda frame: frame.assign(track_id="short"), "column 'track_id', row 1: short"),
        (lambda frame: frame.assign(source=None), "column 'source'"),
    ],
    ids=["missing column", "repeated key", "wrong type", "malformed id", "missing value"],
)
def test_a_frame_that_does_not_fit_is_refused(
    store: FeatureStore, change: Callable[[pd.DataFrame], pd.DataFrame], message: str
) -> None:
    """Each way not to fit has its own clear line."""
    with pytest.raises(SchemaError, match=message):
        store.upsert(PLAYLIST_TRACKS, change(generation(1, rows=3)))


def test_four_processes_upserting_the_same_keys_leave_each_key_once(url: str) -> None:
    """Every writer succeeds, and the rows are those of one writer's last generation, never a mixture."""
    writers = [writer(url, times=25) for _ in range(4)]
    for process in writers:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    rows = open_store(url).read(PLAYLIST_TRACKS)
    assert len(rows) == KEYS
    assert rows["position"].unique().tolist() == [24]
    assert len(rows["source"].unique()) == 1


def test_a_writer_killed_at_any_moment_leaves_one_whole_generation(url: str) -> None:
    """Never a torn write, and never less than what the writer was told is safe."""
    delays = random.Random(7)
    store = open_store(url)
    for _ in range(6):
        process = writer(url, times=0)
        assert process.stdout is not None
        first = int(process.stdout.readline())
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=delays.uniform(0, 0.15))
        process.send_signal(signal.SIGKILL)
        acknowledged = [first, *map(int, process.stdout.read().split())]
        process.communicate()
        generations = store.read(PLAYLIST_TRACKS)["position"].unique().tolist()
        assert len(generations) == 1
        assert generations[0] in (acknowledged[-1], acknowledged[-1] + 1)


def test_a_full_disk_leaves_the_store_as_it_was(url: str, tmp_path: Path) -> None:
    """The write fails with an error that says so, and later writes work."""
    store = open_store(url)
    store.upsert(PLAYLIST_TRACKS, generation(1))
    code = (
        "import resource, signal, sys; sys.path.insert(0, sys.argv[1]); from generations import *\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)\n"
        "open_store(sys.argv[2]).upsert(PLAYLIST_TRACKS, generation(2, 50_000))"
    )
    limit = str(sum(file.stat().st_size for file in tmp_path.glob("segue.db*")) + 100_000)
    command = [sys.executable, "-c", code, str(WRITER.parent), url, limit]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "StoreError" in refused.stderr
    assert "is full; nothing was changed" in refused.stderr
    assert store.read(PLAYLIST_TRACKS)["position"].unique().tolist() == [1]
    store.upsert(PLAYLIST_TRACKS, generation(3))
    assert store.read(PLAYLIST_TRACKS)["position"].unique().tolist() == [3]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_a_file_that_is_no_store_is_named(url: str, tmp_path: Path) -> None:
    """Somebody else's file is not touched."""
    (tmp_path / "segue.db").write_text("no database " * 100)
    with pytest.raises(StoreError, match=r"segue\.db: this is not a usable SQLite file"):
        open_store(url).upsert(PLAYLIST_TRACKS, generation(1))
    assert (tmp_path / "segue.db").read_text().startswith("no database")


@pytest.mark.parametrize("address", ["segue.db", "mysql://host/db", "sqlite:///", "sqlite://segue.db"])
def test_an_address_of_no_known_kind_is_refused(address: str) -> None:
    """The message shows how an address is written."""
    with pytest.raises(SettingsError, match="write sqlite:///PATH"):
        open_store(address)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_every_group_says_what_it_means(group: FeatureGroup) -> None:
    """A group's key is among its columns, and group and columns carry a meaning for people."""
    assert set(group.primary_key) <= set(group.columns)
    assert not any(group.columns[name].nullable for name in group.primary_key)
    assert group.meaning
    assert all(column.meaning for column in group.columns.values())


def test_tracks_hold_every_audio_feature_and_listeners_an_encrypted_token() -> None:
    """The two groups that others are built on."""
    assert {"danceability", "valence", "tempo", "time_signature"} <= set(TRACKS.columns)
    assert "encrypted" in LISTENERS.columns["token"].meaning
