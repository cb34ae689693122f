"""One listener: their whole taste against the whole catalog, beside scikit-learn's own regressor.

Segue looks at the recordings that lie where a listener's likeliest are, and estimates what the others come to. How many
of the list are those that looking at everything finds is told beside it; these seeds were drawn from the whole catalog,
so they have nothing to do with one another, and that is the hardest case.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from sklearn.neighbors import KNeighborsRegressor

from benchmarks.made_up import SEEDS, made_up_catalog, made_up_hybrid, some_seeds
from benchmarks.measure import Ratio, compare
from benchmarks.registered import registered_library
from inference_pipeline.batch import CATALOG_COLUMNS, recommend_batch
from inference_pipeline.library import Library
from segue.models.blend import Blend
from segue.models.knn import PreferenceKNN
from segue.models.spaces.audio import AudioSpace

LENGTH = 100
# A few take a second: the median of as many as there is patience for.
ROUNDS = 9


def ratios() -> Iterator[Ratio]:
    """Score for one listener: by the regressor alone, then by the hybrid, with the best and their reasons.

    The hybrid is the registered one of SEGUE_VAR, where there is one; else that of a made-up catalog.
    """
    random = np.random.default_rng(0)
    library = registered_library(CATALOG_COLUMNS) or _made_up(random)
    model = library.model
    vectors = _sound(model)
    given = some_seeds(random, model, 1)
    seeds, preferences = vectors[model.rows(given["track_id"])], given["preference"].to_numpy()
    ours = PreferenceKNN(background=0)
    theirs = KNeighborsRegressor(SEEDS, metric="cosine", weights=lambda distance: 1 - distance / 2)
    regressor = "KNeighborsRegressor of all seeds"

    def predict() -> None:
        theirs.fit(seeds, preferences).predict(vectors)

    yield compare(
        f"predict {len(vectors):,} for one listener",
        lambda: ours.fit(seeds, preferences).predict(vectors),
        regressor,
        predict,
        rounds=ROUNDS,
        clock=time.perf_counter,
        faster=True,
    )
    thorough = Library(replace(model, cells=None), library.catalog)
    shared = len(set(_listed(library, given)) & set(_listed(thorough, given))) / LENGTH
    ways = {
        f"one listener: the best {LENGTH} of {len(vectors):,}, with reasons": (library, f"; {shared:.0%} as below"),
        "the same with every recording scored": (thorough, ""),
    }
    for task, (chosen, note) in ways.items():
        yield compare(
            task,
            partial(recommend_batch, chosen, given, LENGTH),
            regressor,
            predict,
            rounds=ROUNDS,
            clock=time.perf_counter,
            floor=100,
            goal=1_000,
            faster=True,
            note=f"{SEEDS} seeds, p50{note}",
        )


def _listed(library: Library, given: pd.DataFrame) -> list[str]:
    listed: list[str] = recommend_batch(library, given, LENGTH).table["track_id"].to_pylist()
    return listed


def _made_up(random: np.random.Generator) -> Library:
    catalog = made_up_catalog(random)
    return Library(made_up_hybrid(random, catalog), catalog)


def _sound(model: Blend) -> np.ndarray:
    placed = model.spaces["audio"]
    assert isinstance(placed, AudioSpace)  # noqa: S101 - every hybrid has one
    return np.asarray(placed.vectors_)
