"""A night on Hopsworks: the three pipelines, each a program of its own, with nothing in common but the project there.

``pytest -s`` shows every call that is made of the project.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hopsworks_stand_in.state import Cluster

from segue.groups import LISTENERS, RECOMMENDATIONS, RUNS
from segue.registry import open_registry
from segue.settings import load_settings
from segue.store import open_store

pytest_plugins = ("hopsworks_fixture",)

SEGUE = [sys.executable, "-m", "segue"]
NOWHERE = "http://127.0.0.1:9"


def segue(cluster: Cluster, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Segue where nothing can be reached but this machine, as `cluster` is."""
    proxies = {"HF_ENDPOINT": NOWHERE, "HTTPS_PROXY": NOWHERE, "https_proxy": NOWHERE, "no_proxy": cluster.host}
    command = [*SEGUE, *words]
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | proxies, timeout=300)
    assert run.returncode == 0, run.stderr
    return run


def test_a_night_on_hopsworks(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Features, a model and playlists are there in the morning; another machine goes on from them."""
    monkeypatch.setenv("SEGUE_STORE", f"hopsworks://{cluster.project}")
    night = segue(cluster, "sandbox", "--", *SEGUE, "nightly", "--json")
    assert {step["step"]: step["status"] for step in json.loads(night.stdout)["steps"]} == dict.fromkeys(
        ("features", "train", "listens", "playlists"), "done"
    )
    settings = load_settings()
    store = open_store(settings.store_url)
    made = store.read(RECOMMENDATIONS)
    assert made.groupby(["listener_id", "playlist"])["track_id"].nunique().eq(50).all()
    assert set(made["listener_id"]) == set(store.read(LISTENERS, ["listener_id"])["listener_id"])
    assert Counter(store.read(RUNS)["status"]) == {"done": 4}
    registry = open_registry(settings)
    assert (registry.versions("hybrid"), registry.best("hybrid")) == ([1], 1)
    assert not (settings.var / "segue.db").exists()
    assert {call.status for call in cluster.calls} <= {200, 201, 204, 404}

    monkeypatch.setenv("SEGUE_VAR", str(tmp_path / "another machine"))
    assert "nothing has changed since hybrid@1 was trained" in segue(cluster, "train", "--if-changed").stderr
    track = str(made["track_id"].iloc[0])
    similar = json.loads(segue(cluster, "similar", track, "--json").stdout)
    assert len(str(similar)) > 100
    print(*cluster.calls, sep="\n")
