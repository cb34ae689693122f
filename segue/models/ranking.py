"""From a model and listeners' preferences to the recordings with the highest predictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from segue.models.knn import PreferenceKNN, predict_together
from segue.models.space_model import SpaceModel

# Queries x recordings scored at once: 64 MB of float32.
MAX_SCORES = 16_000_000


@dataclass(frozen=True)
class Query:
    """What a recommendation starts from.

    Attributes
    ----------
    seeds : ndarray of int, shape (m,)
        Rows of the model.
    preferences : ndarray of float, shape (m,)
        How much each is liked, -1 to 1.
    """

    seeds: NDArray[np.intp]
    preferences: NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Ranking:
    """Recordings in the order of predicted preference.

    Attributes
    ----------
    rows : ndarray of int, shape (n,)
        Rows of the model, the best first.
    scores : ndarray of float, shape (n,)
        Predicted preferences.
    regressor : PreferenceKNN
        What predicted them; knows the terms of each sum.
    """

    rows: NDArray[np.intp]
    scores: NDArray[np.floating[Any]]
    regressor: PreferenceKNN


def rank(
    model: SpaceModel, queries: Sequence[Query], k: int, candidates: NDArray[np.bool_] | None = None
) -> Iterator[Ranking]:
    """Rank the `k` best recordings for each query, never a seed.

    Parameters
    ----------
    model : SpaceModel
    queries : sequence of Query
        Each with at least one seed.
    k : int
        At most this many each.
    candidates : ndarray of bool, shape (n,), optional
        Which rows of the model may be recommended; all by default.
    """
    at_once = max(1, MAX_SCORES // len(model.vectors))
    for start in range(0, len(queries), at_once):
        block = queries[start : start + at_once]
        regressors = [clone(model.regressor).fit(model.vectors[q.seeds], q.preferences) for q in block]
        scores = predict_together(regressors, model.vectors)
        if candidates is not None:
            scores[:, ~candidates] = -np.inf
        for query, regressor, row_scores in zip(block, regressors, scores, strict=True):
            row_scores[query.seeds] = -np.inf
            best = top(row_scores, k)
            yield Ranking(best, row_scores[best], regressor)


def top(scores: NDArray[np.floating[Any]], k: int) -> NDArray[np.intp]:
    """Return the positions of the `k` highest finite scores, the highest first; of equal ones the lower position."""
    if k < len(scores):
        # Everything as high as the k-th, so that which of several equal ones stays does not hang on chance.
        threshold = np.partition(scores, len(scores) - k)[len(scores) - k]
        found = np.flatnonzero(scores >= threshold)
    else:
        found = np.arange(len(scores))
    found = found[np.isfinite(scores[found])]
    best: NDArray[np.intp] = found[np.argsort(-scores[found], kind="stable")][:k]
    return best
