"""What somebody at a terminal sees where Hopsworks does not let Segue work: one line, and nothing has changed there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from catalogs import made_up_tracks
from hopsworks_stand_in.state import Cluster, Fault, Refusal

from segue.runs import recorded_run
from segue.store import open_store

pytest_plugins = ("hopsworks_fixture",)

SEGUE = [sys.executable, "-m", "segue"]
OUT_OF_CREDITS = Refusal(412, 150029, "This project is out of credits.")


def set_to(name: str, value: str) -> Callable[[Cluster, pytest.MonkeyPatch], None]:
    """Return what sets a variable."""
    return lambda _, monkeypatch: monkeypatch.setenv(name, value)


def lose_a_scope(cluster: Cluster, _: pytest.MonkeyPatch) -> None:
    """Let the key be good for less than it must be."""
    cluster.scopes.remove("FEATURESTORE")


def freeze(cluster: Cluster, _: pytest.MonkeyPatch) -> None:
    """Let every call that changes something be refused."""
    cluster.faults.append(Fault("^(POST|PUT|DELETE) /project/", OUT_OF_CREDITS, times=99))


def change_the_schema(cluster: Cluster, _: pytest.MonkeyPatch) -> None:
    """Let an earlier run have been recorded, and somebody have taken a column away since."""
    with recorded_run(open_store(f"hopsworks://{cluster.project}"), "features"):
        pass
    (group,) = cluster.groups
    group["features"] = [each for each in group["features"] if each["name"] != "report"]


def everything(cluster: Cluster) -> Any:
    """Return all that the project holds: its groups, and the bytes of every file."""
    files = {path: path.read_bytes() for path in cluster.folder.rglob("*") if path.is_file()}
    return deepcopy(cluster.groups), files


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (set_to("HOPSWORKS_API_KEY", ""), "HOPSWORKS_API_KEY is not set"),
        (set_to("HOPSWORKS_API_KEY", "wrong.key"), "HOPSWORKS_API_KEY is not accepted"),
        (set_to("SEGUE_STORE", "hopsworks://other"), "there is no such project; write SEGUE_STORE=hopsworks://PROJECT"),
        (set_to("HOPSWORKS_PORT", "9"), "cannot be reached; check the network, HOPSWORKS_HOST and HOPSWORKS_PORT"),
        (lose_a_scope, "is not good for this project and action; its scopes must be PROJECT, FEATURESTORE"),
        (freeze, "the project is out of credits and frozen; nothing is half-written"),
        (change_the_schema, "feature group 'runs', version 1, on Hopsworks lacks column 'report'"),
    ],
    ids=["no key", "wrong key", "other project", "no host", "missing scope", "frozen project", "changed schema"],
)
def test_a_command_that_cannot_work_says_so_in_one_line(
    cluster: Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Callable[[Cluster, pytest.MonkeyPatch], None],
    said: str,
) -> None:
    """With status 1, and without a traceback or the key; the project holds what it held."""
    monkeypatch.setenv("SEGUE_STORE", f"hopsworks://{cluster.project}")
    made_up_tracks(5).to_csv(tmp_path / "tracks.csv", index=False)
    trouble(cluster, monkeypatch)
    before = everything(cluster)

    command = [*SEGUE, "features", "--tracks", str(tmp_path / "tracks.csv"), "--no-playlists"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    assert (run.returncode, run.stdout) == (1, "")
    (line,) = run.stderr.splitlines()
    assert line.startswith("error: ")
    assert said in line
    assert cluster.key not in line
    assert "wrong.key" not in line
    assert everything(cluster) == before
