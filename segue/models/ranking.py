"""From a model's scores to the recordings with the highest ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segue.models.recommender import Query, Recommender

__all__ = ["Query", "Ranking", "rank", "top"]

# Queries x recordings scored at once: 64 MB of float32.
MAX_SCORES = 16_000_000
# The first shortlist for the artist discount is so many times as long as the list that is asked for.
SHORTLIST = 4


@dataclass(frozen=True)
class Ranking:
    """Recordings, the best first.

    Attributes
    ----------
    rows : ndarray of int, shape (k,)
        Rows of the model.
    scores : ndarray of float32, shape (k,)
        Their scores, after the artist discount.
    """

    rows: NDArray[np.intp]
    scores: NDArray[np.floating[Any]]


def rank(  # noqa: PLR0913, PLR0917 - candidates and discount both change what the k best are
    model: Recommender,
    queries: Sequence[Query],
    k: int,
    candidates: NDArray[np.bool_] | None = None,
    first_artists: NDArray[np.integer[Any]] | None = None,
    discount: float = 0.0,
) -> Iterator[Ranking]:
    """Rank the `k` best recordings for each query, never a seed.

    Parameters
    ----------
    model : Recommender
    queries : sequence of Query
        Each with at least one seed.
    k : int
        At most this many each.
    candidates : ndarray of bool, shape (n,), optional
        Which rows of the model may be recommended; all by default.
    first_artists : ndarray of int, shape (n,), optional
        A number for the first artist of each row; needed for a discount.
    discount : float
        How much an artist's later tracks lose: ``discount * log(rank)`` of the score, where the artist's best
        candidate has rank 1. It spreads a list over more artists.
    """
    at_once = max(1, MAX_SCORES // len(model.track_ids))
    for start in range(0, len(queries), at_once):
        block = queries[start : start + at_once]
        for query, scores in zip(block, model.scores(block), strict=True):
            if candidates is not None:
                scores[~candidates] = -np.inf
            scores[query.seeds] = -np.inf
            if first_artists is None or not discount:
                best = top(scores, k)
                yield Ranking(best, scores[best])
            else:
                yield _spread(scores, k, first_artists, discount)


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


def _spread(
    scores: NDArray[np.floating[Any]], k: int, first_artists: NDArray[np.integer[Any]], discount: float
) -> Ranking:
    """Rank after the artist discount: exactly, for the shortlist grows until nothing beyond it could come in."""
    length = SHORTLIST * k
    while True:
        shortlist = top(scores, length)
        discounted = scores[shortlist] - discount * np.log(_places(first_artists[shortlist])).astype(scores.dtype)
        best = np.argsort(-discounted, kind="stable")[:k]
        if len(shortlist) < length or discounted[best[-1]] >= scores[shortlist[-1]]:
            return Ranking(shortlist[best], discounted[best])
        length *= SHORTLIST


def _places(groups: NDArray[np.integer[Any]]) -> NDArray[np.intp]:
    """Return how many of the same group have come so far, this one included."""
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=groups[order[:1]] - 1))
    places = np.empty(len(groups), np.intp)
    places[order] = np.arange(len(groups)) - np.repeat(starts, np.diff(np.append(starts, len(groups)))) + 1
    return places
