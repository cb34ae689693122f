"""The night's work: many listeners at once, beside looking up the neighbors of each of their seeds by sound alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import normalize

from benchmarks.made_up import SEEDS, made_up_catalog, made_up_hybrid, some_seeds
from benchmarks.measure import Ratio, compare
from inference_pipeline.batch import recommend_batch
from segue.models.ranking import Query, rank

LISTENERS = 1_000
# Seed by seed takes minutes for all: these are timed, and the time is multiplied.
FEW_LISTENERS = 10
LENGTH = 50


def ratios() -> Iterator[Ratio]:
    """Rank for many listeners by the hybrid, then say why."""
    random = np.random.default_rng(0)
    catalog = made_up_catalog(random)
    model = made_up_hybrid(random, catalog)
    given = some_seeds(random, model, LISTENERS)
    seeds = model.rows(given["track_id"]).reshape(LISTENERS, SEEDS)
    preferences = given["preference"].to_numpy().reshape(seeds.shape)
    queries = [Query(*one) for one in zip(seeds, preferences, strict=True)]
    sounds = normalize(model.normal_scores)
    brute = NearestNeighbors(n_neighbors=LENGTH, metric="cosine", algorithm="brute").fit(sounds)

    def seed_by_seed() -> None:
        for seed in seeds[:FEW_LISTENERS].ravel():
            brute.kneighbors(sounds[[seed]])

    ways: dict[str, Callable[[], object]] = {
        "": lambda: list(rank(model, queries, LENGTH, None, model.artists, model.discount)),
        ", with reasons": lambda: recommend_batch(model, catalog, given, LENGTH),
    }
    for what, ours in ways.items():
        measured = compare(
            f"{LENGTH} tracks for {LISTENERS:,} listeners{what}",
            ours,
            "NearestNeighbors, seed by seed",
            seed_by_seed,
            rounds=1,
            floor=400,
            goal=2_000,
            faster=True,
            note=f"{SEEDS} seeds each; the alternative timed for {FEW_LISTENERS} of them",
        )
        yield replace(measured, theirs=measured.theirs * LISTENERS / FEW_LISTENERS)
