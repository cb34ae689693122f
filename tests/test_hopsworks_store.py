"""What is particular to the store on Hopsworks: how groups are registered, what goes wrong, and what a kill leaves."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from accounts import accounts
from generations import generation
from hopsworks_stand_in.state import Cluster, Fault, Refusal
from tenacity import nap

from segue.errors import SchemaError, SettingsError, StoreError
from segue.groups import LISTENERS, LISTENS, PLAYLIST_TRACKS, RUNS, TRACKS
from segue.hopsworks import session
from segue.settings import load_settings
from segue.store import FeatureStore, open_store
from segue.store.hopsworks import TRIAL, HopsworksStore, smoke

if TYPE_CHECKING:
    from collections.abc import Callable

pytest_plugins = ("hopsworks_fixture",)

OUT_OF_CREDITS = Refusal(412, 150029, "This project is out of credits.")
UNAVAILABLE = Refusal(503, 100008, "The database is temporarily unavailable. Please try again later")
OLD = "token: old"
MINE = {"track_id": f"{1:022d}"}


@pytest.fixture
def store(cluster: Cluster) -> FeatureStore:
    """Return the store in the cluster's project."""
    return open_store(f"hopsworks://{cluster.project}")


@pytest.fixture
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once, as often as otherwise."""
    monkeypatch.setattr(nap.time, "sleep", lambda _: None)


def positions(store: FeatureStore) -> list[int]:
    """Return what is in the store, by track."""
    found: list[int] = store.read(PLAYLIST_TRACKS)["position"].tolist()
    return found


def test_where_only_one_loopback_address_exists_the_stand_in_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS; a test that cannot run there has not failed."""
    pytest.importorskip("deltalake", reason="the Hopsworks client is not installed")
    from hopsworks_stand_in import server

    monkeypatch.setattr(server, "loopback_address", lambda: "192.0.2.1")  # which is nobody's
    with pytest.raises(pytest.skip.Exception, match="which macOS lacks"), server.serving(Path("nowhere")):
        pytest.fail("it listens at an address that this machine does not have")


def test_a_group_is_registered_with_all_that_its_schema_says(store: FeatureStore, cluster: Cluster) -> None:
    """Whoever looks at it in Hopsworks can read what every column means; nothing that costs credits is switched on."""
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    (group,) = cluster.groups
    assert (group["name"], group["version"], group["description"]) == ("playlist_tracks", 1, PLAYLIST_TRACKS.meaning)
    assert {each["name"]: each["description"] for each in group["features"]} == {
        name: column.meaning for name, column in PLAYLIST_TRACKS.columns.items()
    }
    assert [each["name"] for each in group["features"] if each["primary"]] == list(PLAYLIST_TRACKS.primary_key)
    assert (group["timeTravelFormat"], group["type"]) == ("DELTA", "cachedFeaturegroupDTO")
    assert not group["onlineEnabled"]
    assert group["eventTime"] is None
    assert not group["statisticsConfig"]["enabled"]


def test_streaming_groups_are_a_setting(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Kafka and the job on the cluster do with them is not shown here."""
    monkeypatch.setenv("SEGUE_HOPSWORKS_STREAM", "true")
    cluster.faults.append(Fault("POST .*/featuregroups$", OUT_OF_CREDITS, after=True))
    with pytest.raises(StoreError):
        open_store(f"hopsworks://{cluster.project}").upsert(PLAYLIST_TRACKS, generation(1))
    assert [group["type"] for group in cluster.groups] == ["streamFeatureGroupDTO"]


def test_reading_registers_nothing(store: FeatureStore, cluster: Cluster) -> None:
    """A reader leaves no trace in the project."""
    assert store.read(TRACKS).empty
    store.delete(TRACKS, MINE)
    store.update(TRACKS, MINE, {"title": "other"})
    assert not cluster.groups
    assert not cluster.made("^(POST|PUT|DELETE)")


def test_the_server_filters_by_ids_and_this_machine_by_the_rest(store: FeatureStore, cluster: Cluster) -> None:
    """Of a large group, only what is asked for travels; what is no plain id is not put into a query."""
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=9).assign(source='it\'s; "so" %'))
    where = MINE | {"source": 'it\'s; "so" %'}
    assert store.read(PLAYLIST_TRACKS, ["track_id"], where)["track_id"].tolist() == [MINE["track_id"]]
    order = cluster.made("FLIGHT playlist_tracks_1")[-1].query
    assert MINE["track_id"] in order
    assert "it's" not in order


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("HOPSWORKS_API_KEY", "", "HOPSWORKS_API_KEY is not set"),
        ("HOPSWORKS_API_KEY", "wrong.key", "HOPSWORKS_API_KEY is not accepted"),
        ("HOPSWORKS_API_KEY", "two keys", "HOPSWORKS_API_KEY holds a space"),
        ("HOPSWORKS_TRUST_STORE_PATH", "", "the host's certificate is not trusted"),
        ("HOPSWORKS_HOST", "no-such-host.invalid", "cannot be reached; check the network"),
    ],
    ids=["no key", "wrong key", "malformed key", "untrusted certificate", "unknown host"],
)
def test_settings_that_cannot_be_used_are_named(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, message: str
) -> None:
    """One line each, which never shows the key."""
    monkeypatch.setenv(setting, value)
    with pytest.raises(SettingsError, match=message) as caught:
        open_store(f"hopsworks://{cluster.project}").upsert(PLAYLIST_TRACKS, generation(1))
    assert "wrong.key" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not cluster.groups


def test_an_empty_variable_does_not_switch_verification_off(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unset secret of a workflow is an empty one, which the client would take for "no certificate is checked".

    Here our own first call trusts the authority, as everybody would a real one; the client does not know it.
    """
    monkeypatch.setenv("HOPSWORKS_TRUST_STORE_PATH", "")
    monkeypatch.setenv("HOPSWORKS_PORT", str(cluster.port))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(cluster.folder / "ca.pem"))
    with pytest.raises(SettingsError, match="the host's certificate is not trusted"):
        open_store(f"hopsworks://{cluster.project}").read(TRACKS)
    assert [call.path for call in cluster.calls] == [f"/project/getProjectInfo/{cluster.project}"]


@pytest.mark.parametrize("address", ["hopsworks://", "hopsworks:///", "hopsworks://a/b"])
def test_an_address_without_a_project_is_refused(cluster: Cluster, address: str) -> None:
    """The client would ask for one, and wait for an answer that nobody gives it at night."""
    with pytest.raises(SettingsError, match="names no project: write hopsworks://PROJECT"):
        open_store(address).read(TRACKS)
    assert not cluster.calls


def test_a_host_where_nobody_listens_is_named(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong port is told within seconds."""
    with socket.create_server((cluster.host, 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("HOPSWORKS_PORT", str(port))
    with pytest.raises(SettingsError, match="cannot be reached; check the network, HOPSWORKS_HOST and HOPSWORKS_PORT"):
        open_store(f"hopsworks://{cluster.project}").read(TRACKS)


def test_a_project_that_is_not_there_is_named(cluster: Cluster) -> None:
    """Or not one of this key."""
    with pytest.raises(SettingsError, match="project other: there is no such project"):
        open_store("hopsworks://other").read(TRACKS)
    assert not cluster.groups


@pytest.mark.parametrize("scope", ["PROJECT", "FEATURESTORE"])
def test_a_key_without_a_scope_is_told_which_it_needs(store: FeatureStore, cluster: Cluster, scope: str) -> None:
    """All that Segue needs are named, so that one new key is enough."""
    cluster.scopes.remove(scope)
    with pytest.raises(SettingsError, match=f"its scopes must be .*{scope}"):
        store.read(TRACKS)


def test_a_frozen_project_keeps_what_it_has(store: FeatureStore, cluster: Cluster) -> None:
    """The credits of the free tier are spent: nothing is half-written, and next month the same run works."""
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    cluster.faults.append(Fault("POST .*/featuregroups", OUT_OF_CREDITS))
    with pytest.raises(StoreError, match="'runs' on Hopsworks: the project is out of credits and frozen"):
        store.upsert(RUNS, pd.DataFrame([run()]))
    assert store.read(RUNS).empty
    assert positions(store) == [1, 1, 1]
    store.upsert(RUNS, pd.DataFrame([run()]))
    assert len(store.read(RUNS)) == 1


def run() -> dict[str, Any]:
    """Return a row of the group `runs`."""
    now = pd.Timestamp("2026-01-01", tz="UTC")
    times = {"started_at": now, "finished_at": now}
    return {"run_id": "1", "pipeline": "train", "status": "done", "fingerprint": None, "report": "{}"} | times


def without(name: str) -> Callable[[dict[str, Any]], None]:
    """Return what takes a column from a group on the server."""
    return lambda group: group.update(features=[each for each in group["features"] if each["name"] != name])


def changed(name: str, /, **changes: Any) -> Callable[[dict[str, Any]], None]:
    """Return what changes a column of a group on the server."""
    return lambda group: next(each for each in group["features"] if each["name"] == name).update(changes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without("source"), "lacks column 'source'"),
        (changed("position", type="string"), "has column 'position' as string, not bigint"),
        (changed("source", name="origin"), "lacks column 'source'"),
        (lambda group: group["features"].append({"name": "x", "type": "int"}), "has a column 'x' that Segue does not"),
        (changed("track_id", primary=False), "has the primary key playlist_id, not playlist_id, track_id"),
    ],
    ids=["column missing", "other type", "other name", "column too many", "other key"],
)
def test_a_schema_that_was_changed_on_the_server_is_told(
    store: FeatureStore, cluster: Cluster, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    """Neither is read what means something else now, nor written into it."""
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    change(cluster.groups[0])
    store = open_store(f"hopsworks://{cluster.project}")  # another program, or this one a minute later
    writes = len(cluster.made("commits"))
    with pytest.raises(StoreError, match=f"'playlist_tracks', version 1, on Hopsworks {message}"):
        store.read(PLAYLIST_TRACKS)
    with pytest.raises(StoreError, match=message):
        store.upsert(PLAYLIST_TRACKS, generation(2, rows=3))
    assert len(cluster.made("commits")) == writes


def test_a_closed_port_for_reading_is_named(store: FeatureStore, cluster: Cluster) -> None:
    """Many networks let 443 through and not 5005: that must not look like a trouble of Hopsworks."""
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    cluster.query_service = "127.0.0.0"
    with pytest.raises(StoreError, match=r"its query service at 127\.0\.0\.0:5005 cannot be reached"):
        store.read(PLAYLIST_TRACKS)


@pytest.mark.usefixtures("_no_waiting")
def test_a_read_that_keeps_failing_is_told(store: FeatureStore, cluster: Cluster) -> None:
    """A read that fails now and then is made again before."""
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    cluster.faults.append(Fault("FLIGHT playlist", UNAVAILABLE, times=2))
    assert positions(store) == [1, 1, 1]
    cluster.faults.append(Fault("FLIGHT playlist", UNAVAILABLE, times=99))
    with pytest.raises(StoreError, match="'playlist_tracks' on Hopsworks: Could not read data using Hopsworks Query"):
        positions(store)


@pytest.mark.usefixtures("_no_waiting")
@pytest.mark.parametrize("after", [False, True], ids=["not carried out", "answer lost"])
@pytest.mark.parametrize("call", ["POST .*/featuregroups$", "POST .*/commits", "GET .*/featuregroups/"])
def test_a_call_that_fails_once_is_made_again(store: FeatureStore, cluster: Cluster, call: str, after: bool) -> None:
    """Whether it was carried out or not, each row is there once."""
    cluster.faults.append(Fault(call, UNAVAILABLE, after=after))
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    assert positions(store) == [1, 1, 1]
    assert len(cluster.groups) == 1


def test_a_server_that_does_not_answer_is_not_waited_for_without_end(
    store: FeatureStore, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client itself would."""
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    monkeypatch.setattr(session, "ANSWERING", 0.3)
    cluster.faults.append(Fault("PUT .*/query", delay=1.0))
    with pytest.raises(StoreError, match="'playlist_tracks' on Hopsworks: Hopsworks did not answer in time"):
        store.read(PLAYLIST_TRACKS)


@pytest.mark.usefixtures("_no_waiting")
def test_a_server_in_trouble_is_told(store: FeatureStore, cluster: Cluster) -> None:
    """After several attempts."""
    cluster.faults.append(Fault("POST .*/featuregroups$", UNAVAILABLE, times=99))
    with pytest.raises(
        StoreError, match=r"Hopsworks is in trouble \(status 503: The database is temporarily unavailable"
    ):
        store.upsert(PLAYLIST_TRACKS, generation(1))
    assert not cluster.groups


def test_a_group_that_was_registered_and_never_written_is_empty(store: FeatureStore, cluster: Cluster) -> None:
    """As a kill between the two leaves it; the next run goes on from there."""
    cluster.faults.append(Fault("POST .*/featuregroups$", OUT_OF_CREDITS, after=True))
    with pytest.raises(StoreError):
        store.upsert(PLAYLIST_TRACKS, generation(1))
    assert len(cluster.groups) == 1
    assert store.read(PLAYLIST_TRACKS).empty
    store.delete(PLAYLIST_TRACKS, MINE)
    store.replace(PLAYLIST_TRACKS, generation(2, rows=3))
    assert positions(store) == [2, 2, 2]


def test_a_replace_that_breaks_off_has_lost_nothing(store: FeatureStore, cluster: Cluster) -> None:
    """The new rows are there before the others go; the same call again ends it."""
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=5))
    cluster.faults.append(Fault("POST .*/commits", OUT_OF_CREDITS, after=True))
    with pytest.raises(StoreError):
        store.replace(PLAYLIST_TRACKS, generation(2, rows=3))
    assert positions(store) == [2, 2, 2, 1, 1]
    store.replace(PLAYLIST_TRACKS, generation(2, rows=3))
    assert positions(store) == [2, 2, 2]


def test_what_was_deleted_is_in_no_file(store: FeatureStore, cluster: Cluster) -> None:
    """DELTA keeps every earlier version of a table, unless it is told not to."""
    now = pd.Timestamp("2026-01-01", tz="UTC")
    row = {"source": "short_term", "track_id": "0" * 22, "rank": 1, "title": "x", "artists": "y", "matched_by": "none"}
    times = {"matched_track_id": None, "fetched_at": now, "expires_at": now}
    people = ("gone1234", "here5678")
    store.upsert(LISTENS, pd.DataFrame([{"listener_id": person} | row | times for person in people]))
    store.delete_everywhere((LISTENS,), {"listener_id": "gone1234"})
    tables = [pq.read_table(path, columns=["listener_id"]) for path in cluster.tables.rglob("*.parquet")]
    assert {person for table in tables for person in table["listener_id"].to_pylist()} == {"here5678"}


def test_what_was_overwritten_is_in_no_file(store: FeatureStore, cluster: Cluster) -> None:
    """As a token that a listener has withdrawn."""
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=2).assign(source="withdrawn"))
    store.update(PLAYLIST_TRACKS, MINE, {"source": "new"})
    store.replace(PLAYLIST_TRACKS, generation(2, rows=1).assign(source="newer"), {"track_id": f"{0:022d}"})
    tables = [pq.read_table(path, columns=["source"]) for path in cluster.tables.rglob("*.parquet")]
    assert {source for table in tables for source in table["source"].to_pylist()} == {"new", "newer"}


def test_what_a_broken_off_write_left_is_in_no_file_a_day_later(store: FeatureStore, cluster: Cluster) -> None:
    """A file that was never committed may hold anybody; a new one may be about to be committed by somebody else."""
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=2))
    table = cluster.tables / "playlist_tracks_1"
    old, new = (table / f"part-0000{number}-broken-off-c000.snappy.parquet" for number in range(2))
    for path, hours in ((old, 25), (new, 1)):
        pq.write_table(pq.read_table(next(table.glob("*.parquet"))), path)
        os.utime(path, (time.time() - hours * 3600,) * 2)
    store.delete(PLAYLIST_TRACKS, MINE)
    assert not old.exists()
    assert new.exists()


def between(monkeypatch: pytest.MonkeyPatch, action: Callable[[], None]) -> None:
    """Let something happen when the next commit of a merge is about to be made: its table has been opened already."""
    from deltalake.table import TableMerger

    commit = TableMerger.execute

    def late(merger: TableMerger) -> dict[str, Any]:
        monkeypatch.setattr(TableMerger, "execute", commit)
        action()
        return commit(merger)

    monkeypatch.setattr(TableMerger, "execute", late)


@pytest.fixture
def elsewhere(store: FeatureStore, cluster: Cluster, tmp_path: Path) -> FeatureStore:  # noqa: ARG001 - the same
    """Return the store as another machine opens it, which no lock is common with; somebody is connected."""
    settings = load_settings().model_copy(update={"store": f"hopsworks://{cluster.project}", "var": tmp_path / "other"})
    there = HopsworksStore(settings)
    there.upsert(LISTENERS, accounts("Here", "There").assign(token=OLD))
    return there


@pytest.mark.usefixtures("_no_waiting")
def test_an_update_brings_nobody_back_who_has_left_meanwhile(
    store: FeatureStore, elsewhere: FeatureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Least of all with a token."""
    between(monkeypatch, lambda: elsewhere.delete(LISTENERS, {"listener_id": "here"}))
    store.update(LISTENERS, {"listener_id": "here"}, {"token": "new"})
    assert store.read(LISTENERS)["listener_id"].tolist() == ["there"]


@pytest.mark.usefixtures("_no_waiting")
def test_an_update_holds_to_its_conditions_when_it_is_written(
    store: FeatureStore, elsewhere: FeatureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two that set the token that both have read, the first wins."""
    mine = {"listener_id": "here", "token": OLD}
    between(monkeypatch, lambda: elsewhere.update(LISTENERS, mine, {"token": "first"}))
    store.update(LISTENERS, mine, {"token": "second"})
    assert store.read(LISTENERS, ["token"])["token"].tolist() == ["first", OLD]


@pytest.mark.usefixtures("_no_waiting")
def test_an_update_leaves_other_columns_as_they_are_when_it_is_written(
    store: FeatureStore, elsewhere: FeatureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another machine has set meanwhile stays."""
    mine = {"listener_id": "here"}
    between(monkeypatch, lambda: elsewhere.update(LISTENERS, mine, {"display_name": 'it\'s; "new"'}))
    store.update(LISTENERS, mine, {"status": "reconnect", "token": None})
    row = store.read(LISTENERS, ["status", "display_name", "token"], mine).iloc[0]
    assert row[["status", "display_name"]].tolist() == ["reconnect", 'it\'s; "new"']
    assert pd.isna(row["token"])


@pytest.mark.usefixtures("_no_waiting")
def test_a_row_that_is_renewed_before_its_delete_stays(
    store: FeatureStore, elsewhere: FeatureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A purge deletes what has expired, not what somebody has just written anew."""
    elsewhere.upsert(PLAYLIST_TRACKS, generation(1, rows=2).assign(source="expired"))
    renewed = generation(2, rows=1).assign(source="renewed")
    between(monkeypatch, lambda: elsewhere.upsert(PLAYLIST_TRACKS, renewed))
    store.delete(PLAYLIST_TRACKS, {"source": ["expired"]})
    assert positions(store) == [2]


def test_a_damaged_row_is_not_read(store: FeatureStore, cluster: Cluster) -> None:
    """Whoever wrote past the schema, no pipeline works with it."""
    from deltalake import DeltaTable, write_deltalake

    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    table = cluster.tables / "playlist_tracks_1"
    damaged = DeltaTable(table).to_pandas().sort_values("track_id", ignore_index=True).assign(position=[1, 1, -5])
    write_deltalake(table, damaged, mode="overwrite")
    with pytest.raises(SchemaError, match="'playlist_tracks', column 'position', row 3: -5"):
        store.read(PLAYLIST_TRACKS)


WRITER = """
import sys
from generations import generation
from segue.groups import PLAYLIST_TRACKS
from segue.store import open_store
store, mine = open_store(sys.argv[1]), {"playlist_id": sys.argv[2]}
for number in range(4):
    store.replace(PLAYLIST_TRACKS, generation(number, 200).assign(**mine), mine)
    assert store.read(PLAYLIST_TRACKS, where=mine)["position"].tolist() == [number] * 200
"""


def test_writers_on_several_machines_get_on_with_one_another(cluster: Cluster, tmp_path: Path) -> None:
    """No lock is common to them: who meets another's commit, or misses files that another deleted, tries again."""
    address = f"hopsworks://{cluster.project}"
    surroundings = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, address, f"test:{machine}"],
            env=surroundings | {"SEGUE_VAR": str(tmp_path / str(machine))},
            stderr=subprocess.PIPE,
            text=True,
        )
        for machine in range(2)
    ]
    failed = [errors for process in running for errors in [process.communicate(timeout=120)[1]] if process.returncode]
    assert not failed, failed[0]
    assert open_store(address).read(PLAYLIST_TRACKS)["playlist_id"].value_counts().to_dict() == {
        "test:0": 200,
        "test:1": 200,
    }


def test_nothing_of_the_client_is_heard(
    store: FeatureStore, capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> None:
    """Neither what it prints nor what it logs nor its warnings; and logging stays as it was set up."""
    handlers, level = list(logging.getLogger().handlers), logging.getLogger().level
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    assert positions(store) == [1, 1, 1]
    assert capfd.readouterr() == ("", "")
    assert not recwarn.list
    assert (list(logging.getLogger().handlers), logging.getLogger().level) == (handlers, level)


def test_what_others_print_meanwhile_is_heard(capsys: pytest.CaptureFixture[str]) -> None:
    """A line of the app's log is not lost because somebody waits for Hopsworks."""
    with session.quiet():
        print("the client's")
        other = Thread(target=lambda: (print("ours"), print("ours, too", file=sys.stderr)))
        other.start()
        other.join()
    assert capsys.readouterr() == ("ours\n", "ours, too\n")


def test_a_store_does_not_show_its_key(store: FeatureStore, cluster: Cluster) -> None:
    """Whatever a debugger or a log prints of it."""
    assert cluster.key not in repr(vars(store))


def test_a_second_delta_writer_is_refused(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It overwrites files of the client's own one: every write would fail later, with a message about RPC."""
    (tmp_path / "packages" / "deltalake-1.2.1.dist-info").mkdir(parents=True)
    (tmp_path / "packages" / "deltalake-1.2.1.dist-info" / "METADATA").write_text("Name: deltalake\nVersion: 1.2.1\n")
    monkeypatch.syspath_prepend(tmp_path / "packages")
    with pytest.raises(SettingsError, match="the package deltalake breaks what the Hopsworks client writes with"):
        open_store(f"hopsworks://{cluster.project}").upsert(PLAYLIST_TRACKS, generation(1))
    assert not cluster.groups


def test_a_missing_client_is_named(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is large, and an extra."""
    monkeypatch.setitem(sys.modules, "hopsworks", None)
    with pytest.raises(SettingsError, match=r"needs the Hopsworks client: .* --editable '\.\[hopsworks\]'"):
        open_store(f"hopsworks://{cluster.project}").read(TRACKS)


def test_the_smoke_test_leaves_nothing_behind(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when it fails halfway."""
    monkeypatch.setenv("SEGUE_STORE", f"hopsworks://{cluster.project}")
    assert smoke(load_settings()) == "wrote, read and removed a feature group"
    assert cluster.made("DELETE")
    assert not cluster.groups
    cluster.faults.append(Fault("PUT .*/query", OUT_OF_CREDITS))
    with pytest.raises(StoreError, match="out of credits"):
        smoke(load_settings())
    assert not cluster.groups


def test_the_smoke_test_removes_what_an_earlier_one_has_left(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its group is always the same one. What went wrong first is told, not that it could not clean up either."""
    monkeypatch.setenv("SEGUE_STORE", f"hopsworks://{cluster.project}")
    cluster.faults += [Fault("PUT .*/query", OUT_OF_CREDITS), Fault("DELETE", Refusal(400, 1, "Not now."))]
    with pytest.raises(StoreError, match="out of credits"):
        smoke(load_settings())
    assert [group["name"] for group in cluster.groups] == [TRIAL.name]
    assert smoke(load_settings()) == "wrote, read and removed a feature group"
    assert not cluster.groups
