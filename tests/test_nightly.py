"""`segue nightly` against the sandbox: the main job, as `make run` does it, with no network and no account."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from segue.groups import LISTENERS, RECOMMENDATIONS
from segue.registry import FolderRegistry
from segue.settings import load_settings
from segue.store import FeatureStore, open_store

SEGUE = [sys.executable, "-m", "segue"]
NOWHERE = "http://127.0.0.1:9"


def night() -> tuple[dict[str, str], str]:
    """Run a night; return the status of each step and what was said meanwhile."""
    offline = {"HF_ENDPOINT": NOWHERE, "HTTPS_PROXY": NOWHERE, "https_proxy": NOWHERE}
    command = [*SEGUE, "sandbox", "--", *SEGUE, "nightly", "--json"]
    run = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **offline}, timeout=300
    )
    assert run.returncode == 0, run.stderr
    return {step["step"]: step["status"] for step in json.loads(run.stdout)["steps"]}, run.stderr


def playlist_ids(store: FeatureStore) -> dict[str, dict[str, str]]:
    """Return Spotify's id of each playlist of each listener."""
    kept = store.read(LISTENERS).set_index("listener_id")["playlists"].map(json.loads)
    return {listener: {name: state["id"] for name, state in of_one.items()} for listener, of_one in kept.items()}


def test_two_nights(tmp_path: Path) -> None:
    """The first builds everything; the second trains nothing anew and refreshes the same playlists."""
    settings = load_settings()
    store = open_store(settings.store_url)
    statuses, _ = night()
    assert statuses == dict.fromkeys(("features", "train", "listens", "playlists"), "done")
    first = playlist_ids(store)
    made = store.read(RECOMMENDATIONS)
    assert len(first) >= 5
    assert made.groupby(["listener_id", "playlist"])["track_id"].nunique().eq(50).all()
    assert set(made["playlist"]) == {"familiar", "discover"}
    statuses, said = night()
    assert "nothing has changed since hybrid@1 was trained" in said
    assert FolderRegistry(settings.models_dir).versions("hybrid") == [1]
    assert playlist_ids(store) == first
    sandbox = json.loads((tmp_path / "var" / "sandbox.json").read_text())
    assert len(sandbox["playlists"]) == 2 * len(first)


def test_a_failed_step_ends_the_night(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is trained on a catalog that could not be read."""
    monkeypatch.setenv("SEGUE_DATA_DIR", str(tmp_path / "nowhere"))
    run = subprocess.run([*SEGUE, "nightly"], capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 1
    assert "nowhere: cannot be read" in run.stderr
    assert "failed (1)" in run.stdout
    assert "train" not in run.stdout


def test_the_working_folder_is_not_imported_from(tmp_path: Path) -> None:
    """A file that happens to be called `http.py` is nobody's module."""
    (tmp_path / "http.py").write_text("raise SystemExit('imported from the working folder')")
    (tmp_path / "songs.csv").write_text("nothing\n")
    script = str(Path(sys.executable).with_name("segue"))
    command = [script, "nightly", "--data-dir", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert "imported from the working folder" not in run.stderr
    assert "no dataset of tracks is here" in run.stderr
