"""Predicting, finding neighbors and recommending beside scikit-learn's own estimators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from sklearn.neighbors import KNeighborsRegressor, NearestNeighbors
from sklearn.preprocessing import normalize

from benchmarks.measure import Ratio, compare
from segue.groups import AUDIO_FEATURES
from segue.models.blend import Blend, Weights
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
    yield many_listeners(random)


def many_listeners(random: np.random.Generator) -> Ratio:
    """Rank for many listeners by the hybrid; beside it, by sound alone, the neighbors of each seed."""
    model = _hybrid(random)
    seeds = [np.sort(random.choice(RECORDINGS, SEEDS, replace=False)) for _ in range(LISTENERS)]
    queries = [Query(own, random.random(SEEDS).astype(np.float32)) for own in seeds]
    sounds = normalize(model.normal_scores)
    brute = NearestNeighbors(n_neighbors=LENGTH, metric="cosine", algorithm="brute").fit(sounds)

    def seed_by_seed() -> None:
        for own in seeds[:FEW_LISTENERS]:
            for seed in own:
                brute.kneighbors(sounds[[seed]])

    measured = compare(
        f"{LENGTH} tracks for {LISTENERS:,} listeners",
        lambda: list(rank(model, queries, LENGTH, None, model.artists, model.discount)),
        "NearestNeighbors, seed by seed",
        seed_by_seed,
        rounds=1,
    )
    return replace(measured, theirs=measured.theirs * LISTENERS / FEW_LISTENERS)


def _hybrid(random: np.random.Generator) -> Blend:
    """Return a hybrid of a made-up catalog, a sixth of which is on playlists; what its weights are takes no time."""
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
    ids = pd.Index([f"{number:022d}" for number in range(RECORDINGS)], name="track_id")
    content = place_by_content(pd.DataFrame(columns | sounds).set_axis(ids))
    playlists = [random.integers(0, RECORDINGS // 6, 60) for _ in range(2_000)]
    weights = Weights(dict.fromkeys(UNKNOWN, 1.0), dict.fromkeys(KNOWN, 1.0))
    return blend(content, Playlists.of(playlists, RECORDINGS), weights)
