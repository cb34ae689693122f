"""The night's work: many listeners, beside looking up the neighbors of each of their seeds by sound alone.

The first row is what it takes to score, for each of a listener's tastes and all of them together, where the likeliest
recordings lie; the second one the same for every recording. The rest of what a playlist takes are the reasons, the
choice of what goes together, the listener's profile and the filters.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import normalize

from benchmarks.made_up import SEEDS, made_up_catalog, made_up_hybrid, some_seeds
from benchmarks.measure import Ratio, compare
from benchmarks.registered import registered_library
from inference_pipeline.candidates import COLUMNS
from inference_pipeline.from_songs import FromSongs, recommend_together
from inference_pipeline.library import Library
from inference_pipeline.wishes import Wishes
from segue.models.blend import Blend
from segue.models.catalog import Catalog
from segue.models.ranking import Query, rank

LISTENERS = 100
# Seed by seed takes minutes for all: these are timed, and the time is multiplied.
FEW_LISTENERS = 5
LENGTH = 50
# So many are scored together.
TOGETHER = 8
WISHES = Wishes(explicit=False, no_genres=frozenset({"comedy"}), decades=frozenset(range(1960, 2030, 10)))


def ratios() -> Iterator[Ratio]:
    """Rank for many listeners; then make each of them a playlist: filters, variety, order and reasons.

    The hybrid is the registered one of SEGUE_VAR, where there is one; else that of a made-up catalog.
    """
    random = np.random.default_rng(0)
    library = registered_library(COLUMNS) or _made_up(random)
    model = library.model
    given = some_seeds(random, model, LISTENERS)
    listeners = [own.set_index("track_id")["preference"].to_dict() for _, own in given.groupby("query_id")]
    seeds = model.rows(given["track_id"]).reshape(LISTENERS, SEEDS)
    queries = [Query(*one) for one in zip(seeds, given["preference"].to_numpy().reshape(seeds.shape), strict=True)]
    sounds = normalize(model.normal_scores)
    brute = NearestNeighbors(n_neighbors=LENGTH, metric="cosine", algorithm="brute").fit(sounds)
    now = datetime.now(timezone.utc)

    def seed_by_seed() -> None:
        for seed in seeds[:FEW_LISTENERS].ravel():
            brute.kneighbors(sounds[[seed]])

    def playlists() -> None:
        for start in range(0, LISTENERS, TOGETHER):
            asked = [(own, WISHES) for own in listeners[start : start + TOGETHER]]
            assert all(isinstance(found, FromSongs) for found in recommend_together(library, asked, now))  # noqa: S101 - nobody is left without

    # What is laid out once for all listeners of a night is no listener's.
    playlists()
    thorough = replace(model, cells=None)
    ways: dict[str, Callable[[], object]] = {
        f"the best {LENGTH}": partial(_rank, model, queries, library.recommendable),
        f"the best {LENGTH}, every recording scored": partial(_rank, thorough, queries, library.recommendable),
        f"a playlist of {LENGTH}: filters, variety, order, reasons": playlists,
    }
    for what, ours in ways.items():
        measured = compare(
            f"{LISTENERS} listeners, {what}",
            ours,
            "NearestNeighbors, seed by seed, by sound alone",
            seed_by_seed,
            rounds=3,
            floor=400,
            goal=2_000,
            faster=True,
            note=f"{SEEDS} seeds each, of {len(model.recordings):,}; the alternative timed for {FEW_LISTENERS} of them",
        )
        yield replace(measured, theirs=measured.theirs * LISTENERS / FEW_LISTENERS)


def _rank(model: Blend, queries: Sequence[Query], recommendable: NDArray[np.bool_]) -> None:
    deque(rank(model, queries, LENGTH, recommendable, model.artists, model.discount), maxlen=0)


def _made_up(random: np.random.Generator) -> Library:
    catalog = made_up_catalog(random)
    n = len(catalog.tracks)
    percentiles = pd.Series(catalog.tracks["popularity"]).rank(pct=True)
    more = {
        "album": catalog.tracks["title"],
        "explicit": random.integers(0, 2, n) == 1,
        "popularity_percentile": percentiles,
    }
    return Library(made_up_hybrid(random, catalog), Catalog(catalog.tracks.assign(**more)))
