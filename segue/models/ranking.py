"""From a model's scores to the recordings with the highest ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segue.models.recommender import Answer, Basis, Query, Recommender
from segue.models.threads import single_threaded

__all__ = ["Query", "Ranking", "rank", "top"]

# Queries x recordings at once: where all are scored, 16 MB of float32.
MAX_SCORES = 3_960_000
# So many neighboring scores are looked at as one, by their highest.
RUN = 64
# The first shortlist for the artist discount is so many times as long as the list that is asked for.
SHORTLIST = 2


@dataclass(frozen=True)
class Ranking:
    """Recordings, the best first.

    Attributes
    ----------
    rows : ndarray of int, shape (k,)
        Rows of the model.
    scores : ndarray of float32, shape (k,)
        Their scores, after the artist discount.
    basis : Basis or None
        That of the answer, for the terms behind the scores.
    """

    rows: NDArray[np.intp]
    scores: NDArray[np.floating[Any]]
    basis: Basis | None = None


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

    Notes
    -----
    Queries are ranked in blocks, on one processor: for more, ask in several processes. Of equal scores the one that the
    model lists first comes first.
    """
    allowed = np.ones(len(model.track_ids), bool) if candidates is None else candidates

    def rank_block(block: Sequence[Query]) -> list[Ranking]:
        answers = model.answers(block, candidates, k)
        return [rank_one(query, answer) for query, answer in zip(block, answers, strict=True)]

    def rank_one(query: Query, answer: Answer) -> Ranking:
        rows = np.arange(len(allowed)) if answer.rows is None else answer.rows
        excluded = ~allowed
        excluded[query.seeds] = True
        scores = answer.scores
        scores[excluded[rows]] = -np.inf
        if first_artists is not None and discount:
            best, found = _spread(scores, k, first_artists[rows], discount)
        else:
            best = top(scores, k)
            found = scores[best]
        return Ranking(rows[best], found, answer.basis)

    at_once = max(1, MAX_SCORES // len(model.track_ids))
    for start in range(0, len(queries), at_once):
        # BLAS's own threads spend longer waiting for one another than working, and so would threads of ours.
        with single_threaded():
            rankings = rank_block(queries[start : start + at_once])
        yield from rankings


def top(scores: NDArray[np.floating[Any]], k: int) -> NDArray[np.intp]:
    """Return the positions of the `k` highest finite scores, the highest first; of equal ones the lower position."""
    if not k:
        return np.empty(0, np.intp)
    found = np.arange(len(scores))
    if k < len(scores) // RUN:
        # The k-th highest of the runs' highest is no higher than the k-th score: what is lower cannot come in.
        highest = scores[: len(scores) // RUN * RUN].reshape(-1, RUN).max(axis=1)
        found = np.flatnonzero(scores >= _kth_highest(highest, k))
    if k < len(found):
        # Everything as high as the k-th, so that which of several equal ones stays does not hang on chance.
        found = found[scores[found] >= _kth_highest(scores[found], k)]
    found = found[np.isfinite(scores[found])]
    best: NDArray[np.intp] = found[np.argsort(-scores[found], kind="stable")][:k]
    return best


def _kth_highest(scores: NDArray[np.floating[Any]], k: int) -> np.floating[Any]:
    kth: np.floating[Any] = np.partition(scores, len(scores) - k)[len(scores) - k]
    return kth


def _spread(
    scores: NDArray[np.floating[Any]], k: int, first_artists: NDArray[np.integer[Any]], discount: float
) -> tuple[NDArray[np.intp], NDArray[np.floating[Any]]]:
    """Return the best after the artist discount, and their scores.

    Exactly: the shortlist grows until nothing beyond it could come in.
    """
    length = SHORTLIST * k
    while True:
        shortlist = top(scores, length)
        discounted = scores[shortlist] - discount * np.log(places(first_artists[shortlist])).astype(scores.dtype)
        best = np.argsort(-discounted, kind="stable")[:k]
        if len(shortlist) < length or discounted[best[-1]] >= scores[shortlist[-1]]:
            return shortlist[best], discounted[best]
        length *= SHORTLIST


def places(groups: NDArray[np.integer[Any]]) -> NDArray[np.intp]:
    """Return the place of each among those of its group, from 1."""
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=groups[order[:1]] - 1))
    found = np.empty(len(groups), np.intp)
    found[order] = np.arange(len(groups)) - np.repeat(starts, np.diff(np.append(starts, len(groups)))) + 1
    return found
