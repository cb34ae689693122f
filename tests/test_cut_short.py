"""Training that is cut short, or meets a registry that does not answer: run again, the result is the same."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from catalogs import made_up_tracks
from hopsworks_stand_in.state import Fault, Refusal

from segue.errors import RegistryError
from segue.groups import RUNS, TRACKS
from segue.registry import FolderRegistry
from segue.registry.hopsworks import HopsworksRegistry
from segue.settings import load_settings
from training_pipeline.train import train_model

if TYPE_CHECKING:
    from pathlib import Path

    from hopsworks_stand_in.state import Cluster

    from segue.store import FeatureStore

pytest_plugins = ("hopsworks_fixture",)

BUSY = Refusal(503, 100008, "temporarily unavailable")
KILLED = """
import os, signal
from segue.registry import FolderRegistry
from segue.settings import load_settings
from segue.store import open_store
from training_pipeline.train import train_model
class Killed(FolderRegistry):
    def promote(self, model):
        {before}
        os.kill(os.getpid(), signal.SIGKILL)
settings = load_settings()
train_model(open_store(settings.store_url), Killed(settings.models_dir), "audio", if_changed=True)
"""
BEFORE, AFTER = KILLED.format(before="pass"), KILLED.format(before="super().promote(model)")


@pytest.fixture
def catalog(store: FeatureStore) -> FeatureStore:
    """Return a store with a small catalog."""
    store.replace(TRACKS, made_up_tracks(40))
    return store


@pytest.fixture
def away(cluster: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> HopsworksRegistry:
    """Return an empty registry on Hopsworks, as a machine sees it that keeps no copies."""
    monkeypatch.setenv("SEGUE_STORE", f"hopsworks://{cluster.project}")
    return HopsworksRegistry(load_settings().model_copy(update={"var": tmp_path / "away"}), patience=0.2)


def statuses(store: FeatureStore) -> list[str]:
    """Return how the trainings ended, the oldest first."""
    return store.read(RUNS, where={"pipeline": "train"}).sort_values("started_at")["status"].tolist()


@pytest.mark.parametrize("program", [BEFORE, AFTER], ids=["before it is promoted", "after it"])
def test_a_version_whose_run_was_killed_is_judged_by_the_next(catalog: FeatureStore, program: str) -> None:
    """It is not trained again, and the run after that finds nothing to do."""
    registry = FolderRegistry(load_settings().models_dir)
    killed = subprocess.run([sys.executable, "-c", program], check=False, env=os.environ)
    assert killed.returncode == -signal.SIGKILL
    assert (registry.versions("audio"), registry.best("audio")) == ([1], 1 if program is AFTER else None)
    again = train_model(catalog, registry, "audio", if_changed=True)
    assert (again.model.label, again.is_new) == ("audio@1", False)
    assert again.verdict is not None
    assert again.verdict.promoted
    assert (registry.versions("audio"), registry.best("audio")) == ([1], 1)
    assert statuses(catalog) == ["failed", "done"]
    assert train_model(catalog, registry, "audio", if_changed=True).verdict is None
    assert statuses(catalog) == ["failed", "done"]


def test_the_network_is_lost_before_the_promotion(
    catalog: FeatureStore, away: HopsworksRegistry, cluster: Cluster
) -> None:
    """The run fails in one clear line; the next one promotes what there is."""
    cluster.faults.append(Fault("POST .*/best", BUSY, times=99))
    with pytest.raises(RegistryError, match=r"cannot promote audio@1: .*run this again later"):
        train_model(catalog, away, "audio", if_changed=True)
    assert (away.versions("audio"), away.best("audio")) == ([1], None)
    cluster.faults.clear()
    assert not train_model(catalog, away, "audio", if_changed=True).is_new
    assert (away.versions("audio"), away.best("audio")) == ([1], 1)


@pytest.mark.parametrize("call", ["GET .*/best", "GET .*/model.pickle", "GET .*/modelregistries/.*/models$"])
def test_a_best_version_that_does_not_answer_is_no_damaged_one(
    catalog: FeatureStore, away: HopsworksRegistry, cluster: Cluster, tmp_path: Path, call: str
) -> None:
    """Nothing is promoted without having been compared; the run ends, and says to run it again later."""
    train_model(catalog, away, "audio")
    elsewhere = HopsworksRegistry(load_settings().model_copy(update={"var": tmp_path / "third"}), patience=0.2)
    cluster.faults.append(Fault(call, BUSY, times=99))
    with pytest.raises(RegistryError, match="run this again later"):
        train_model(catalog, elsewhere, "audio")
    cluster.faults.clear()
    assert (away.versions("audio"), away.best("audio")) == ([1], 1)


def test_a_latest_version_that_does_not_answer_is_not_trained_again(
    catalog: FeatureStore, away: HopsworksRegistry, cluster: Cluster, tmp_path: Path
) -> None:
    """Whether anything has changed is not known: the run ends before any work."""
    train_model(catalog, away, "audio")
    elsewhere = HopsworksRegistry(load_settings().model_copy(update={"var": tmp_path / "third"}), patience=0.2)
    cluster.faults.append(Fault("GET .*/model.json", BUSY, times=99))
    with pytest.raises(RegistryError, match="run this again later"):
        train_model(catalog, elsewhere, "audio", if_changed=True)
    cluster.faults.clear()
    assert not train_model(catalog, elsewhere, "audio", if_changed=True).is_new
    assert statuses(catalog) == ["done"]


@pytest.mark.parametrize("file", ["model.json", "model.pickle"])
def test_a_version_that_lost_its_files_does_not_stand_in_the_way(
    catalog: FeatureStore, away: HopsworksRegistry, cluster: Cluster, tmp_path: Path, file: str
) -> None:
    """Hopsworks answers, and what it says is that there are none."""
    train_model(catalog, away, "audio")
    (cluster.datasets / "Models" / "audio" / "1" / "Files" / file).unlink()
    elsewhere = HopsworksRegistry(load_settings().model_copy(update={"var": tmp_path / "third"}), patience=0.2)
    trained = train_model(catalog, elsewhere, "audio")
    assert trained.verdict is not None
    assert "the best version before cannot be used: " in trained.verdict.reasons[0]
    assert elsewhere.best("audio") == 2


def test_what_the_next_run_judges_is_what_was_measured(catalog: FeatureStore, away: HopsworksRegistry) -> None:
    """Its record holds the measurements and the verdict, like that of a run that was not cut short."""
    train_model(catalog, away, "audio")
    (run,) = catalog.read(RUNS, where={"pipeline": "train"}).to_dict("records")
    catalog.upsert(RUNS, catalog.read(RUNS).assign(status="failed"))
    train_model(catalog, away, "audio", if_changed=True)
    last = catalog.read(RUNS, where={"pipeline": "train"}).sort_values("started_at").iloc[-1]
    before, after = json.loads(run["report"]), json.loads(last["report"])
    assert after.pop("reasons") == ["it had been promoted before its run was cut short"]
    assert after == {key: value for key, value in before.items() if key != "reasons"}
