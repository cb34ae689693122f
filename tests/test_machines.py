"""Several machines with one store on PostgreSQL: what is done by one at a time is done by one of all of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from logging_in import log_in

from segue import locks
from segue.groups import LISTENERS, RECOMMENDATIONS, RUNS
from segue.sandbox.address import environment
from segue.sandbox.server import Sandbox, serving
from segue.settings import load_settings
from segue.store import FeatureStore, open_store

pytest_plugins = ("postgresql_fixture",)

SEGUE = [sys.executable, "-m", "segue"]
NOWHERE = "http://127.0.0.1:9"
REFRESH = (
    "import sys; from segue.settings import load_settings; from segue.spotify.listeners import *\n"
    "from segue.spotify.session import open_session; from segue.store import open_store\n"
    "settings = load_settings(); store = open_store(settings.store_url)\n"
    "listener = service_listeners(store, settings).iloc[0]\n"
    "print('ready', flush=True); sys.stdin.readline()\n"
    "for _ in range(5): print(open_session(store, settings, listener).me()['id'])"
)
HOLD = (
    "import sys; from segue.locks import alone; from segue.settings import load_settings\n"
    "with alone(load_settings(), 'playlists', 'refreshing playlists'): print('held', flush=True); sys.stdin.readline()"
)

INTERRUPT = (
    "import os, signal, time; from adbc_driver_postgresql import dbapi\n"
    "with dbapi.connect(os.environ['SEGUE_STORE'], autocommit=True) as connection, connection.cursor() as cursor:\n"
    "    waiting = False\n"
    "    while not waiting:\n"
    "        time.sleep(0.01)\n"
    "        cursor.execute('SELECT count(*) > 0 FROM pg_locks WHERE locktype = $$advisory$$ AND NOT granted '\n"
    "                       'AND classid = hashtext(current_schema())::oid')\n"
    "        (waiting,) = cursor.fetchone()\n"
    "os.kill(int(os.environ['WAITING']), signal.SIGINT)"
)


@pytest.fixture
def store(schema_url: str, monkeypatch: pytest.MonkeyPatch) -> FeatureStore:
    """Return the empty store that all machines share, with one key for all of them."""
    monkeypatch.setenv("SEGUE_STORE", schema_url)
    monkeypatch.setenv("SEGUE_KEY", Fernet.generate_key().decode())
    return open_store(schema_url)


@pytest.fixture
def sandbox(store: FeatureStore) -> Iterator[Sandbox]:  # noqa: ARG001 - whose settings it takes
    """Serve the sandbox, with nobody connected."""
    with serving(load_settings()) as running:
        yield running


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[ExitStack]:
    """Return what stops the programs of other machines at the end."""
    del tmp_path
    with ExitStack() as running:
        yield running


def start(machines: ExitStack, program: str, var: Path, **surroundings: str) -> subprocess.Popen[str]:
    """Start a program on another machine: one that has a `var` of its own."""
    variables = {**os.environ, "SEGUE_VAR": str(var), **surroundings}
    pipe = subprocess.PIPE
    started = subprocess.Popen([sys.executable, "-c", program], stdin=pipe, stdout=pipe, text=True, env=variables)
    machines.enter_context(started)
    machines.callback(started.kill)
    return started


def line(program: subprocess.Popen[str]) -> str:
    """Return the next line that a program prints."""
    assert program.stdout is not None
    return program.stdout.readline().strip()


def test_a_listener_is_refreshed_by_one_machine_at_a_time(
    store: FeatureStore, sandbox: Sandbox, machines: ExitStack, tmp_path: Path
) -> None:
    """With rotating tokens the second would find the token dead; none is refused and tries again."""
    sandbox.service.rotates_refresh_tokens = True
    log_in(store, sandbox.settings)
    rivals = [start(machines, REFRESH, tmp_path / name, **environment(sandbox.port)) for name in ("one", "two")]
    assert [line(rival) for rival in rivals] == ["ready", "ready"]
    sandbox.service.requests.clear()
    for rival in rivals:
        assert rival.stdin is not None
        rival.stdin.write("go\n")
        rival.stdin.flush()
    assert [rival.communicate()[0].split() for rival in rivals] == [["juniper"] * 5] * 2
    assert list(sandbox.service.requests).count("POST /api/token") == 10
    assert store.read(LISTENERS)["status"].tolist() == ["connected"]
    assert not (tmp_path / "one" / "locks").exists()


def test_a_run_waits_for_that_of_another_machine(
    store: FeatureStore, machines: ExitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so; and a machine that is killed lets go."""
    del store
    said: list[str] = []

    def kill(words: str) -> None:
        said.append(words)
        other.send_signal(signal.SIGKILL)

    monkeypatch.setattr(locks, "note", kill)
    other = start(machines, HOLD, tmp_path / "other")
    assert line(other) == "held"
    with locks.alone(load_settings(), "playlists", "refreshing playlists"):
        assert said == ["another program is refreshing playlists: waiting for it"]
    assert other.wait() == -signal.SIGKILL


def test_installations_in_two_schemas_do_not_wait_for_each_other(
    store: FeatureStore, machines: ExitStack, tmp_path: Path, postgresql: str
) -> None:
    """They share a database and nothing else."""
    del store
    other = start(machines, HOLD, tmp_path / "other", SEGUE_STORE=postgresql)
    assert line(other) == "held"
    with locks.alone(load_settings(), "playlists"):
        assert other.poll() is None


@pytest.mark.skipif(
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN, reason="tests in the background of a shell hear no Ctrl-C"
)
def test_whoever_waits_can_be_interrupted(
    store: FeatureStore, machines: ExitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C ends the wait; the lock stays whose it is."""
    del store
    other = start(machines, HOLD, tmp_path / "other")
    assert line(other) == "held"
    monkeypatch.setattr(locks, "note", lambda _: start(machines, INTERRUPT, tmp_path, WAITING=str(os.getpid())))
    with pytest.raises(KeyboardInterrupt), locks.alone(load_settings(), "playlists", "refreshing playlists"):
        pytest.fail("nobody let go of it")
    assert other.poll() is None


def test_a_night_on_postgresql(store: FeatureStore) -> None:
    """All three pipelines, on the made-up catalog and the sandbox's listeners; and nothing of it on this machine."""
    offline = {**os.environ, "HF_ENDPOINT": NOWHERE, "HTTPS_PROXY": NOWHERE, "https_proxy": NOWHERE}
    command = [*SEGUE, "sandbox", "--", *SEGUE, "nightly", "--json"]
    night = subprocess.run(command, capture_output=True, text=True, check=False, env=offline, timeout=300)
    assert night.returncode == 0, night.stderr
    assert {step["status"] for step in json.loads(night.stdout)["steps"]} == {"done"}
    made = store.read(RECOMMENDATIONS)
    assert made.groupby(["listener_id", "playlist"])["track_id"].nunique().eq(50).all()
    assert store.read(RUNS)["status"].eq("done").all()
    again = subprocess.run([*SEGUE, "train", "--if-changed"], capture_output=True, text=True, check=True, timeout=300)
    assert "nothing has changed since hybrid@1 was trained" in again.stderr
    assert not (load_settings().var / "segue.db").exists()
