"""A run in buckets: wherever they are served and whoever is killed, every listener is served once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path

import pandas as pd
import pytest
from cryptography.fernet import Fernet
from sandbox_catalog import small_catalog

pytest.importorskip("distributed", reason="Dask is not installed: pip install 'segue[dask]'")

from crowd import LENGTH, Interrupts, KillsCaller, gather, train
from dask_cluster import start_cluster

from inference_pipeline.account import Rehearsal
from inference_pipeline.bucket import Bucket, serve_bucket
from inference_pipeline.buckets import LOST
from inference_pipeline.counts import Counts
from segue.groups import LISTENERS, RECOMMENDATIONS, RUNS, SERVED, SPOTIFY_CALLS, TRACKS
from segue.sandbox.address import environment
from segue.sandbox.faults import QuotaExceeded, Slow
from segue.sandbox.server import Sandbox, serving
from segue.settings import load_settings
from segue.store import FeatureStore, open_store

pytest_plugins = ("postgresql_fixture",)

SIZE = 8
LOOK = "GET /v1/me/playlists"
WRITE = "PUT /v1/playlists/*/items"
PROCESSES = ("--backend", "processes", "--workers", "2", "--bucket-size", "3")


@pytest.fixture
def shared(schema_url: str, monkeypatch: pytest.MonkeyPatch) -> FeatureStore:
    """Return an empty store that other machines can reach, too."""
    monkeypatch.setenv("SEGUE_STORE", schema_url)
    monkeypatch.setenv("SEGUE_KEY", Fernet.generate_key().decode())
    return open_store(schema_url)


@pytest.fixture
def crowd(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[FeatureStore, Sandbox]]:
    """Serve the sandbox to eight connected listeners, with a model: on the embedded store, or the one asked for."""
    store: FeatureStore = request.getfixturevalue(getattr(request, "param", "store"))
    catalog = small_catalog()
    store.replace(TRACKS, catalog)
    train(store)
    with serving(load_settings()) as sandbox:
        for name, value in environment(sandbox.port).items():
            monkeypatch.setenv(name, value)
        gather(store, sandbox, catalog, SIZE)
        yield store, sandbox


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[ExitStack]:
    """Return what stops other programs at the end."""
    del tmp_path
    with ExitStack() as running:
        yield running


def segue(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `segue playlists`."""
    command = [sys.executable, "-m", "segue", "playlists", "--json", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=400)


def counted(run: subprocess.CompletedProcess[str], status: int = 0) -> dict[str, object]:
    """Return what a run printed."""
    assert run.returncode == status, run.stderr
    found: dict[str, object] = json.loads(run.stdout)
    return found


def assert_each_served_once(store: FeatureStore, sandbox: Sandbox, listeners: int = SIZE) -> None:
    """Everybody has two playlists, each once in Spotify, where it holds what is stored as recommended."""
    made = store.read(RECOMMENDATIONS)
    assert made.groupby(["listener_id", "playlist"])["rank"].agg(list).map(sorted).tolist() == [
        list(range(1, LENGTH + 1))
    ] * (2 * listeners)
    kept = store.read(LISTENERS).set_index("listener_id")["playlists"].map(json.loads)
    stored = {
        kept[listener_id][name]["id"]: list(rows.sort_values("rank")["track_id"])
        for (listener_id, name), rows in made.groupby(["listener_id", "playlist"])
    }
    held = sandbox.service.state.read().playlists
    assert {key: [entry.track_id for entry in playlist.entries] for key, playlist in held.items()} == stored


@pytest.mark.parametrize("crowd", ["shared"], indirect=True)
def test_a_worker_killed_in_the_middle_of_a_run_on_a_cluster(
    crowd: tuple[FeatureStore, Sandbox], programs: ExitStack, tmp_path: Path
) -> None:
    """Of two workers over TCP one is killed while it writes a playlist: the other goes on, and the counts add up."""
    store, sandbox = crowd
    cluster = start_cluster(programs, tmp_path, workers=2)
    sandbox.service.faults.add(KillsCaller(calls=WRITE, nth=4))
    counts = counted(segue("--backend", "dask", "--scheduler", cluster.address, "--bucket-size", "3"))
    assert [worker.poll() for worker in cluster.workers].count(-signal.SIGKILL) == 1
    assert_each_served_once(store, sandbox)
    totals = {"listeners": SIZE, "playlists": 2 * SIZE, "tracks": 2 * SIZE * LENGTH, "failed": 0, "deferred": 0}
    assert {name: counts[name] for name in totals} == totals
    (report,) = store.read(RUNS)["report"].map(json.loads)
    assert {pd.Timestamp(report["began"])} == set(store.read(RECOMMENDATIONS)["made_at"])
    assert {name: report[name] for name in totals} == totals


@pytest.mark.parametrize("crowd", ["shared"], indirect=True)
def test_a_listener_whom_no_worker_survives(
    crowd: tuple[FeatureStore, Sandbox], programs: ExitStack, tmp_path: Path
) -> None:
    """Is counted as failed; all others are served, also those in the same bucket."""
    store, sandbox = crowd
    # One is killed while others work, too, one by the bucket alone, and one by the listener alone.
    cluster = start_cluster(programs, tmp_path, workers=4, failures=0)
    sandbox.service.faults.add(KillsCaller(calls=LOOK, whose="p01"))
    run = segue("--backend", "dask", "--scheduler", cluster.address, "--bucket-size", "4")
    counts = counted(run, status=1)
    assert (counts["listeners"], counts["failed"]) == (SIZE, 1)
    assert counts["statuses"][LOST] == 1
    made = store.read(RECOMMENDATIONS)
    assert set(store.read(LISTENERS)["listener_id"]) - set(made["listener_id"]) == {"sandbox-p01"}


def test_a_killed_process(crowd: tuple[FeatureStore, Sandbox]) -> None:
    """With processes on this machine it is the same."""
    store, sandbox = crowd
    sandbox.service.faults.add(KillsCaller(calls=WRITE, nth=4))
    counts = counted(segue(*PROCESSES))
    assert (counts["listeners"], counts["playlists"], counts["failed"]) == (SIZE, 2 * SIZE, 0)
    assert_each_served_once(store, sandbox)


def test_a_bucket_that_everybody_has_left(crowd: tuple[FeatureStore, Sandbox]) -> None:
    """Since the run was planned: there is nothing to do, and that is no error."""
    assert not crowd[0].read(LISTENERS).empty
    left = Bucket("a run", ("somebody who has left",), (), datetime.now(timezone.utc), Rehearsal)
    assert serve_bucket(left) == (left, Counts(models=frozenset({"hybrid@1"})))


def test_buckets_end_in_the_same_playlists_as_one_listener_after_the_other(
    crowd: tuple[FeatureStore, Sandbox],
) -> None:
    """What is made does not depend on how it is split."""
    store, sandbox = crowd
    counts = counted(segue(*PROCESSES))
    assert counts["statuses"] == {"published": 2 * SIZE}
    first = store.read(RECOMMENDATIONS).drop(columns=["made_at", "expires_at"])
    sandbox.service.requests.clear()
    counted(segue())
    pd.testing.assert_frame_equal(store.read(RECOMMENDATIONS).drop(columns=["made_at", "expires_at"]), first)
    # Spotify has these tracks: none was written anew.
    assert not [call for call in sandbox.service.requests if call.startswith("PUT") and call.endswith("/items")]
    assert_each_served_once(store, sandbox)


@pytest.mark.parametrize("arguments", [(), PROCESSES], ids=["one by one", "buckets"])
def test_a_stopped_run_goes_on(crowd: tuple[FeatureStore, Sandbox], arguments: tuple[str, ...]) -> None:
    """Whoever was served before the kill is left out, and not even looked at; a third one finds everything done."""
    store, sandbox = crowd
    sandbox.service.faults.add(KillsCaller(calls=WRITE, nth=6))
    assert segue().returncode == -signal.SIGKILL
    made = store.read(RECOMMENDATIONS)
    served = {who for who, names in made.groupby("listener_id")["playlist"].unique().items() if len(names) == 2}
    assert len(served) == 2
    sandbox.service.requests.clear()
    resumed = segue("--resume", *arguments)
    assert resumed.returncode == 0, resumed.stderr
    assert "going on with the run of" in resumed.stderr
    called = {f"sandbox-{call.user_id}" for call in sandbox.service.requests}
    assert called == set(store.read(LISTENERS)["listener_id"]) - served
    assert_each_served_once(store, sandbox)
    report = json.loads(store.read(RUNS).sort_values("started_at")["report"].iloc[-1])
    assert (report["listeners"], report["earlier"], report["tracks"]) == (SIZE, 2, 2 * SIZE * LENGTH)
    assert "going on" not in segue("--resume", "--dry-run").stderr


def test_a_used_up_quota_stops_all_buckets(crowd: tuple[FeatureStore, Sandbox]) -> None:
    """Those that were not begun are not begun, and whoever was not served is deferred."""
    store, sandbox = crowd
    sandbox.service.faults.add(QuotaExceeded(calls=WRITE, nth=3))
    counts = counted(segue(*PROCESSES), status=1)
    assert "used up" in str(counts["stopped"])
    served = store.read(RECOMMENDATIONS).groupby("listener_id")["playlist"].nunique().eq(2).sum()
    assert counts["deferred"] == SIZE - served
    assert counts["deferred"] > SIZE // 2


def test_a_bucket_that_hangs(crowd: tuple[FeatureStore, Sandbox]) -> None:
    """Ends the run after a while, with an error that says how to go on."""
    _, sandbox = crowd
    sandbox.service.faults.add(Slow(calls=WRITE, seconds=3600))
    run = segue(*PROCESSES, "--timeout", "0.1")
    assert run.returncode == 1
    (line,) = run.stderr.splitlines()
    assert line.startswith("error: no bucket has come to its end for longer than --timeout")
    assert line.endswith("--resume")


@pytest.mark.skipif(
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN, reason="tests in the background of a shell hear no Ctrl-C"
)
def test_an_interrupted_run(crowd: tuple[FeatureStore, Sandbox]) -> None:
    """Ctrl-C, which all processes hear, ends it with a word and no traceback; it can be gone on with."""
    store, sandbox = crowd
    command = [sys.executable, "-m", "segue", "playlists", *PROCESSES]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as run:
        sandbox.service.faults.add(Interrupts(calls=WRITE, nth=3, group=run.pid))
        said = run.communicate(timeout=300)[1]
    assert run.returncode == 130
    assert said.splitlines()[-1].startswith("interrupted")
    assert "Traceback" not in said
    counted(segue("--resume"))
    assert_each_served_once(store, sandbox)


def test_a_dry_run_changes_nothing(crowd: tuple[FeatureStore, Sandbox]) -> None:
    """It makes everybody's playlists without a call, and stores nothing."""
    store, sandbox = crowd
    sandbox.service.requests.clear()
    counts = counted(segue("--dry-run", *PROCESSES))
    assert counts["statuses"] == {"made, not published": 2 * SIZE}
    assert counts["tracks"] == 2 * SIZE * LENGTH
    assert not sandbox.service.requests
    for group in (RECOMMENDATIONS, SERVED, SPOTIFY_CALLS, RUNS):
        assert store.read(group).empty


def test_a_cluster_needs_a_store_that_it_can_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    """By whose locks its machines take turns: a file is none."""
    for name, value in environment(9).items():
        monkeypatch.setenv(name, value)
    run = segue("--backend", "dask", "--scheduler", "tcp://127.0.0.1:9")
    assert run.returncode == 1
    assert run.stderr.startswith(
        "error: the workers of a cluster take turns by the locks of a server: set SEGUE_STORE to postgres"
    )


def test_a_scheduler_that_is_not_there(shared: FeatureStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is one clear line; nothing has begun."""
    for name, value in environment(9).items():
        monkeypatch.setenv(name, value)
    run = segue("--backend", "dask", "--scheduler", "tcp://127.0.0.1:9")
    assert run.returncode == 1
    (line,) = run.stderr.splitlines()
    assert line.startswith("error: no scheduler of Dask's answers at tcp://127.0.0.1:9: start one")
    assert shared.read(RUNS).empty


@pytest.mark.parametrize(
    "arguments",
    [
        ("--backend", "dask"),
        ("--scheduler", "tcp://127.0.0.1:9"),
        ("--backend", "dask", "--scheduler", "nonsense"),
        ("--workers", "2"),
    ],
)
def test_options_that_do_not_go_together_are_wrong_use(arguments: tuple[str, ...]) -> None:
    """A cluster is named by both of its options, and only processes are counted."""
    assert segue(*arguments).returncode == 2
