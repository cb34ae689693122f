"""What every feature store does, whatever its home."""

from __future__ import annotations

import pickle
import random
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from accounts import accounts
from generations import KEYS, generation
from homes import Home
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from listening import feedback_of

from segue.errors import SchemaError, SettingsError
from segue.groups import DTYPES, FEEDBACK, GROUPS, LISTENERS, PLAYLIST_TRACKS, RUNS, SERVED
from segue.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from segue.groups import FeatureGroup
    from segue.store import FeatureStore

pytest_plugins = ("homes_fixture",)

WRITER = Path(__file__).with_name("generations.py")


def writer(store_url: str, times: int, rows: int = KEYS) -> subprocess.Popen[str]:
    """Start another process that writes generations."""
    command = [sys.executable, str(WRITER), store_url, str(times), str(rows)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def store(home: Home) -> FeatureStore:
    """Return an empty store in each home, one after the other."""
    return open_store(home.url)


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


def test_an_update_can_take_a_value_away(store: FeatureStore) -> None:
    """Missing is a value like any other; times and several values are conditions like any other."""
    store.upsert(LISTENERS, accounts("Someone", "Other").assign(token="sealed"))  # noqa: S106 - no token
    someone = store.read(LISTENERS, where={"listener_id": "someone"}).iloc[0]
    row = {"listener_id": ["someone", "nobody"], "consented_at": [someone["consented_at"]]}
    store.update(LISTENERS, row, {"token": None, "status": "reconnect"})
    after = store.read(LISTENERS, ["listener_id", "token", "status"]).set_index("listener_id")
    assert after["status"].to_dict() == {"other": "connected", "someone": "reconnect"}
    assert after["token"].isna().to_dict() == {"other": False, "someone": True}


def test_rows_come_in_the_order_of_their_keys(store: FeatureStore) -> None:
    """That is the order of code points, whatever language a server speaks."""
    rows = generation(1, rows=4).assign(playlist_id=["test:b", "test:É", "test:B", "test:_"])
    store.upsert(PLAYLIST_TRACKS, rows)
    assert store.read(PLAYLIST_TRACKS)["playlist_id"].tolist() == ["test:B", "test:_", "test:b", "test:É"]


def test_no_rows_are_rows_too(store: FeatureStore) -> None:
    """A pipeline that has found nothing writes nothing, and replaces what was there by that."""
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=0))
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    store.replace(PLAYLIST_TRACKS, generation(1, rows=0), where={"playlist_id": "test:1"})
    assert store.read(PLAYLIST_TRACKS).empty


def test_a_condition_can_name_thousands_of_values(store: FeatureStore) -> None:
    """As the tracks of everybody's playlists."""
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    many = [f"{row:022d}" for row in range(1, 3_000)]
    assert store.read(PLAYLIST_TRACKS, ["track_id"], {"track_id": many})["track_id"].tolist() == many[:2]


def test_deleting_everywhere_deletes_from_every_group(store: FeatureStore) -> None:
    """From those that were never written, too; the rows of others stay."""
    store.upsert(LISTENERS, accounts("Someone", "Other"))
    store.upsert(FEEDBACK, feedback_of((0, "like", 0)))
    store.delete_everywhere((LISTENERS, FEEDBACK, SERVED), {"listener_id": "someone"})
    assert store.read(LISTENERS)["listener_id"].tolist() == ["other"]
    assert store.read(FEEDBACK).empty


def test_a_store_can_be_sent_to_another_process(store: FeatureStore) -> None:
    """What arrives is the same store."""
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    arrived = pickle.loads(pickle.dumps(store))  # noqa: S301 - our own
    assert len(arrived.read(PLAYLIST_TRACKS)) == 3


@pytest.mark.needs("damage")
def test_a_damaged_row_is_not_read(home: Home, store: FeatureStore) -> None:
    """Whoever wrote past the schema, no pipeline works with it."""
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    damage = "UPDATE playlist_tracks_1 SET position = -5 WHERE track_id LIKE '%2'"
    home.execute(damage)
    with pytest.raises(SchemaError, match="'playlist_tracks', column 'position', row 3: -5"):
        store.read(PLAYLIST_TRACKS)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_values_come_back_as_they_went_in(store: FeatureStore, data: st.DataObject) -> None:
    """Text of any script, missing values, flags, and times to the microsecond survive."""
    # SQLite's driver ends a text at a NUL character, PostgreSQL refuses it, and lone surrogates are no text at all.
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
    store.replace(RUNS, frame)
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


@pytest.mark.needs("rivals")
def test_four_processes_upserting_the_same_keys_leave_each_key_once(home: Home, store: FeatureStore) -> None:
    """Every writer succeeds, and the rows are those of one writer's last generation, never a mixture."""
    writers = [writer(home.url, home.turns) for _ in range(4)]
    for process in writers:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    rows = store.read(PLAYLIST_TRACKS)
    assert len(rows) == KEYS
    assert rows["position"].unique().tolist() == [home.turns - 1]
    assert len(rows["source"].unique()) == 1


@pytest.mark.needs("rivals")
def test_who_replaces_the_same_rows_at_once_leaves_those_of_one(store: FeatureStore) -> None:
    """Never both: each sees what the other has written."""
    frames = [generation(1, rows=200).assign(track_id=[f"{rival}{row:021d}" for row in range(200)]) for rival in "abcd"]

    def replace(frame: pd.DataFrame) -> None:
        for _ in range(5):
            store.replace(PLAYLIST_TRACKS, frame, where={"playlist_id": "test:1"})

    with ThreadPoolExecutor(len(frames)) as pool:
        list(pool.map(replace, frames))
    rows = store.read(PLAYLIST_TRACKS)["track_id"]
    assert len(rows) == 200
    assert len(set(rows.str[0])) == 1


@pytest.mark.needs("rivals", "transaction")
def test_no_two_writers_wait_for_each_other(store: FeatureStore) -> None:
    """In whatever order they name the groups."""
    store.upsert(LISTENERS, accounts("Someone"))
    store.upsert(FEEDBACK, feedback_of((0, "like", 0)))

    def write(number: int) -> None:
        groups = (LISTENERS, FEEDBACK, SERVED)
        for _ in range(10):
            store.delete_everywhere(groups if number % 2 else groups[::-1], {"listener_id": "someone"})
            store.upsert(FEEDBACK, feedback_of((number, "like", 0)))
            store.upsert(LISTENERS, accounts("Someone"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    store.delete_everywhere((FEEDBACK, LISTENERS), {"listener_id": "someone"})
    assert store.read(LISTENERS).empty


@pytest.mark.needs("rivals")
def test_a_writer_killed_at_any_moment_leaves_one_whole_generation(home: Home, store: FeatureStore) -> None:
    """Never a torn write, and never less than what the writer was told is safe."""
    delays = random.Random(7)
    for _ in range(min(6, home.turns)):
        process = writer(home.url, times=0)
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


@pytest.mark.parametrize(
    "address", ["segue.db", "mysql://host/db", "postgresql:segue", "sqlite:///", "sqlite://segue.db"]
)
def test_an_address_of_no_known_kind_is_refused(address: str) -> None:
    """The message shows how an address is written."""
    with pytest.raises(SettingsError, match="write sqlite:///PATH"):
        open_store(address)
