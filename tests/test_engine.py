"""What the app recommends with: opened once for everybody, and anew when a run has made something else."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from app.engine import Engine
from segue.errors import InputError, ModelNotFoundError
from segue.groups import TRACKS
from segue.models.catalog import read_catalog
from segue.models.choice import fit_model
from segue.models.content import place_by_content
from segue.registry import FolderRegistry
from segue.runs import recorded_run
from segue.settings import load_settings
from segue.store import FeatureStore

pytest_plugins = ("sandbox_fixture",)


@pytest.fixture
def engine(store: FeatureStore) -> Engine:
    """Return an engine over the store, with nothing open."""
    return Engine(load_settings(), store)


def train(store: FeatureStore) -> None:
    """Register a model of the catalog."""
    recordings = read_catalog(store, TRACKS.columns.keys() - {"track_id", "recording_id"}).recordings
    model = fit_model("hybrid", place_by_content(recordings), [])
    FolderRegistry(load_settings().models_dir).save("hybrid", model.save, {}, {})


def test_before_the_first_night_it_says_what_to_run(engine: Engine, store: FeatureStore) -> None:
    """First the catalog is missing, then the model."""
    with pytest.raises(InputError, match="run `segue features` first"):
        engine.open()
    store.replace(TRACKS, pd.DataFrame([_track("A" * 22)]))
    with pytest.raises(ModelNotFoundError, match="run `segue train`"):
        engine.open()
    assert len(engine.catalog().recordings) == 1


@pytest.mark.usefixtures("catalog")
def test_everybody_is_served_from_one_model(engine: Engine, store: FeatureStore) -> None:
    """Eight who come at once, too."""
    train(store)
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _: engine.open(), range(8)))
    assert all(each is opened[0] for each in opened)
    assert opened[0].label == "hybrid@1"
    assert opened[0].library.catalog is engine.catalog()


@pytest.mark.usefixtures("catalog")
def test_a_new_version_is_opened(engine: Engine, store: FeatureStore) -> None:
    """Once it is looked for; the catalog stays open."""
    train(store)
    before = engine.open()
    engine.renew()
    assert engine.open() is before
    train(store)
    assert engine.open() is before
    engine.renew()
    assert engine.open().label == "hybrid@2"
    assert engine.open().library.catalog is before.library.catalog


def test_a_new_catalog_is_opened(engine: Engine, store: FeatureStore, catalog: pd.DataFrame) -> None:
    """With the models that were open."""
    train(store)
    assert len(engine.open().library.catalog.tracks) == len(catalog)
    with recorded_run(store, "features"):
        store.replace(TRACKS, catalog.head(500))
    engine.renew()
    assert len(engine.catalog().tracks) == 500
    assert engine.open().library.catalog is engine.catalog()
    assert engine.open().library.recommendable.sum() == 500
    gone = str(catalog["title"].iloc[-1])
    assert gone not in [song.title for song in engine.search().find(gone)]


@pytest.mark.usefixtures("catalog")
def test_what_cannot_be_opened_leaves_what_is_open(
    engine: Engine, store: FeatureStore, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody has deleted the models while people are on the page."""
    train(store)
    before = engine.open()
    shutil.rmtree(load_settings().models_dir)
    engine.renew()
    assert engine.open() is before
    assert "still serving what was open" in caplog.text


def _track(track_id: str) -> dict[str, object]:
    return dict.fromkeys(TRACKS.columns) | {"track_id": track_id, "recording_id": track_id, "source": "test"}
