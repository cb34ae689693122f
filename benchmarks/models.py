"""Predicting, finding neighbors and recommending beside scikit-learn's own estimators."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from sklearn.neighbors import KNeighborsRegressor, NearestNeighbors
from sklearn.preprocessing import normalize

from benchmarks.measure import Ratio, compare
from inference_pipeline.batch import recommend_batch
from segue.groups import AUDIO_FEATURES, DTYPES
from segue.models.blend import Blend, Weights
from segue.models.catalog import Catalog
from segue.models.content import place_by_content
from segue.models.hybrid import KNOWN, UNKNOWN, blend
from segue.models.knn import PreferenceKNN
from segue.models.neighbor_graph import nearest_neighbors
from segue.models.ranking import Query, rank
from segue.models.spaces.colisten.playlists import Playlists

RECORDINGS = 165_000
GRAPH_RECORDINGS = 20_000
DIMENSIONS = 14
SEEDS = 100
LISTENERS = 1_000
# Seed by seed takes minutes for all: these are timed, and the time is multiplied.
FEW_LISTENERS = 10
LENGTH = 50


def ratios() -> Iterator[Ratio]:
    """Score all recordings for one listener; build a neighbor graph; recommend to many listeners."""
    random = np.random.default_rng(0)
    vectors = normalize(random.standard_normal((RECORDINGS, DIMENSIONS)).astype(np.float32))
    seeds, preferences = vectors[:SEEDS], random.random(SEEDS).astype(np.float32)
    ours = PreferenceKNN(background=0)
    theirs = KNeighborsRegressor(SEEDS, metric="cosine", weights=lambda distance: 1 - distance / 2)
    yield compare(
        f"predict {RECORDINGS:,} for one listener",
        lambda: ours.fit(seeds, preferences).predict(vectors),
        "KNeighborsRegressor",
        lambda: theirs.fit(seeds, preferences).predict(vectors),
        rounds=3,
    )
    few = vectors[:GRAPH_RECORDINGS]
    brute = NearestNeighbors(n_neighbors=101, metric="cosine", algorithm="brute")
    yield compare(
        f"neighbor graph of {GRAPH_RECORDINGS:,}, k = 100",
        lambda: nearest_neighbors(few, 100),
        "NearestNeighbors",
        lambda: brute.fit(few).kneighbors(few),
        rounds=1,
    )
    yield from many_listeners(random)


def many_listeners(random: np.random.Generator) -> Iterator[Ratio]:
    """Rank for many listeners by the hybrid, then say why; beside it, by sound alone, the neighbors of each seed."""
    catalog = _catalog(random)
    model = _hybrid(random, catalog)
    seeds = [np.sort(random.choice(RECORDINGS, SEEDS, replace=False)) for _ in range(LISTENERS)]
    queries = [Query(own, random.random(SEEDS).astype(np.float32)) for own in seeds]
    sounds = normalize(model.normal_scores)
    brute = NearestNeighbors(n_neighbors=LENGTH, metric="cosine", algorithm="brute").fit(sounds)

    def seed_by_seed() -> None:
        for own in seeds[:FEW_LISTENERS]:
            for seed in own:
                brute.kneighbors(sounds[[seed]])

    given = pd.DataFrame(
        {
            "query_id": np.repeat(np.arange(LISTENERS), SEEDS),
            "track_id": model.track_ids[np.concatenate(seeds)],
            "preference": np.concatenate([query.preferences for query in queries]),
        }
    )
    ways: dict[str, Callable[[], object]] = {
        "": lambda: list(rank(model, queries, LENGTH, None, model.artists, model.discount)),
        ", with reasons": lambda: recommend_batch(model, catalog, given, LENGTH),
    }
    for what, ours in ways.items():
        task = f"{LENGTH} tracks for {LISTENERS:,} listeners{what}"
        measured = compare(task, ours, "NearestNeighbors, seed by seed", seed_by_seed, rounds=1)
        yield replace(measured, theirs=measured.theirs * LISTENERS / FEW_LISTENERS)


def _catalog(random: np.random.Generator) -> Catalog:
    """Return a made-up catalog."""
    sounds = {name: random.random(RECORDINGS) for name in AUDIO_FEATURES}
    artists = random.zipf(1.5, RECORDINGS) % 50_000
    columns = {
        "title": "Song",
        "artists": pd.Series(artists).astype(str).radd("Artist "),
        "genres": pd.Series(artists % 600).astype(str).radd("genre "),
        "artist_genres": pd.Series(artists % 2_000).astype(str).radd("scene "),
        "year": random.integers(1960, 2025, RECORDINGS),
        "popularity": random.integers(0, 100, RECORDINGS),
    }
    ids = pd.Index([f"{number:022d}" for number in range(RECORDINGS)], dtype=DTYPES["text"], name="track_id")
    frame = pd.DataFrame(columns | sounds).set_axis(ids).assign(recording_id=ids)
    texts = ("title", "artists", "genres", "artist_genres")
    return Catalog(frame.astype(dict.fromkeys(texts, DTYPES["text"])))


def _hybrid(random: np.random.Generator, catalog: Catalog) -> Blend:
    """Return a hybrid, for which a sixth of the catalog is on playlists; what its weights are takes no time."""
    content = place_by_content(catalog.recordings)
    playlists = [random.integers(0, RECORDINGS // 6, 60) for _ in range(2_000)]
    weights = Weights(dict.fromkeys(UNKNOWN, 1.0), dict.fromkeys(KNOWN, 1.0))
    return blend(content, Playlists.of(playlists, RECORDINGS), weights)
