"""The three pipelines on Hopsworks, each on a machine of its own: they have nothing in common but the project there.

``pytest -s`` shows every call that is made of the project.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hopsworks_stand_in.state import Cluster

from segue.groups import LISTENERS, RECOMMENDATIONS, RUNS
from segue.registry import open_registry
from segue.settings import load_settings
from segue.store import open_store

pytest_plugins = ("hopsworks_fixture",)

SEGUE = [sys.executable, "-m", "segue"]
NOWHERE = "http://127.0.0.1:9"
SOMEONE = ("--listener", "Juniper Vale", "--json")


def segue(machine: Path, cluster: Cluster, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Segue on a machine from which nothing can be reached but `cluster` and the machine itself."""
    proxies = {"HF_ENDPOINT": NOWHERE, "HTTPS_PROXY": NOWHERE, "https_proxy": NOWHERE, "no_proxy": cluster.host}
    surroundings = os.environ | proxies | {"SEGUE_VAR": str(machine)}
    run = subprocess.run([*SEGUE, *words], capture_output=True, text=True, check=False, env=surroundings, timeout=600)
    assert run.returncode == 0, run.stderr
    return run


def test_three_pipelines_on_three_machines(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Features, a model and playlists: each takes up what the one before has left in the project."""
    monkeypatch.setenv("SEGUE_STORE", f"hopsworks://{cluster.project}")
    monkeypatch.setenv("SEGUE_KEY", Fernet.generate_key().decode("ascii"))
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))

    segue(first, cluster, "features")
    segue(second, cluster, "train", "--if-changed")
    segue(third, cluster, "sandbox", "--", *SEGUE, "listens", *SOMEONE)
    segue(third, cluster, "sandbox", "--", *SEGUE, "playlists", *SOMEONE)

    settings = load_settings()
    store, registry = open_store(settings.store_url), open_registry(settings)
    # What is done for one listener stands in no record of the night.
    assert store.read(RUNS)["status"].tolist() == ["done"] * 2
    assert (registry.names(), registry.versions("hybrid"), registry.best("hybrid")) == (["hybrid"], [1], 1)
    made = store.read(RECOMMENDATIONS)
    assert made.groupby("playlist")["track_id"].nunique().to_dict() == {"discover": 50, "familiar": 50}
    assert set(made["model"]) == {"hybrid@1"}
    (juniper,) = store.read(LISTENERS, where={"listener_id": made["listener_id"].unique().tolist()})["playlists"]
    assert set(json.loads(juniper)) == {"discover", "familiar"}
    assert not list(tmp_path.rglob("segue.db"))
    assert "nothing has changed since hybrid@1 was trained" in segue(first, cluster, "train", "--if-changed").stderr
    print(*cluster.calls, sep="\n")
