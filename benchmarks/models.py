"""Predicting and finding neighbors beside scikit-learn's own estimators, on vectors as the audio space has them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sklearn.neighbors import KNeighborsRegressor, NearestNeighbors
from sklearn.preprocessing import normalize

from benchmarks.measure import Ratio, compare
from segue.models.knn import PreferenceKNN
from segue.models.neighbor_graph import nearest_neighbors

RECORDINGS = 165_000
GRAPH_RECORDINGS = 20_000
DIMENSIONS = 14
SEEDS = 100


def ratios() -> Iterator[Ratio]:
    """Score all recordings for one listener; build a neighbor graph."""
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
