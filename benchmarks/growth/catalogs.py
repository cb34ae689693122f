"""What is measured on a catalog of any size, each step in a process of its own (`benchmarks.growth.step`)."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pandas as pd

from benchmarks.growth.listening import listens_of, name_of
from benchmarks.growth.measured import Measured
from benchmarks.growth.night import Night
from benchmarks.growth.sizes import CATALOGS
from feature_pipeline.features import build_features
from inference_pipeline.batch import CATALOG_COLUMNS, recommend_batch
from inference_pipeline.library import Library
from inference_pipeline.models import load_model
from inference_pipeline.playlist import Playlist
from segue.models.catalog import read_catalog
from segue.models.choice import fit_model, with_song_graph
from segue.models.content import place_by_content
from segue.models.map import write_map
from segue.models.mapping import draw_map
from segue.registry import open_registry
from segue.settings import load_settings
from segue.store import open_store
from training_pipeline.evaluation.collections import stored_collections
from training_pipeline.train import READ, train_model

SAMPLE = 40
"""So many listeners are recommended to."""
LENGTH, SEEDS = 50, 100


def features(measured: Measured, size: str) -> None:
    """Read, merge and store the datasets, as `segue features` does."""
    settings = load_settings()
    request = CATALOGS[size].request(settings)
    with measured.part("features"):
        report = build_features(open_store(settings.store_url), settings, request)
    measured.counts |= report["written"]
    measured.counts["store, MB"] = (settings.var / "segue.db").stat().st_size / 1e6


def fit(measured: Measured, _: str) -> None:
    """Fit the hybrid once and register it, as `segue train` does; without measuring it on held-out playlists."""
    settings = load_settings()
    store = open_store(settings.store_url)
    with measured.part("reading the catalog"):
        catalog = read_catalog(store, READ)
        collections = stored_collections(store, catalog).values()
    playlists = [rows for collection in collections for rows in collection.playlists.values()]
    with measured.part("placing recordings by content"):
        content = place_by_content(catalog.recordings)
    with measured.part("learning from playlists"):
        model = fit_model("hybrid", content, playlists)
    with measured.part("the graph of songs"):
        model = with_song_graph(model, content)
    with measured.part("the map"):
        positions = draw_map(model)

    def write(folder: Path) -> None:
        model.save(folder)
        if positions is not None:
            write_map(folder, positions)

    with measured.part("saving"):
        saved = open_registry(settings).save("hybrid", write, {}, {})
    measured.counts["model, MB"] = sum(path.stat().st_size for path in saved.path.iterdir()) / 1e6


def train(measured: Measured, _: str) -> None:
    """Train as `segue train` does, with all that it measures; whoever watches this process counts its others, too."""
    settings = load_settings()
    trained = train_model(open_store(settings.store_url), open_registry(settings))
    measured.counts["metrics"] = len(trained.model.metrics)


def load(measured: Measured, _: str) -> None:
    """Open the model and the catalog, and recommend to one listener."""
    settings = load_settings()
    with measured.part("opening the model"):
        model = load_model(settings, "hybrid").blend
    with measured.part("reading the catalog"):
        catalog = read_catalog(open_store(settings.store_url), CATALOG_COLUMNS)
    seeds = pd.Series(model.track_ids).sample(SEEDS, random_state=0)
    with measured.part("the first answer"):
        recommend_batch(
            Library(model, catalog), pd.DataFrame({"query_id": 0, "track_id": seeds, "preference": 1.0}), LENGTH
        )


def recommend(measured: Measured, _: str) -> None:
    """Make the two playlists of each of some listeners, without a store of listeners and without Spotify."""
    now = datetime.now(timezone.utc)
    with measured.part("opening everything"):
        night = Night.open(load_settings(), now)
    listens = listens_of(range(SAMPLE), night.playlists, night.library.catalog, now)
    by_listener = dict(iter(listens.groupby("listener_id")))
    made: list[Playlist] = []
    for number in range(SAMPLE):
        with measured.part("listeners"):
            made += night.make(by_listener[name_of(number)]).values()
    measured.counts |= {"listeners": SAMPLE, "tracks": sum(len(playlist.tracks) for playlist in made)}
