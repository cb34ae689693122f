"""Recordings that share playlists with the seeds: the KNN regressor over a graph of co-listening."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import gen_batches

from segue.models.neighbor_graph import keep_nearest
from segue.models.spaces.colisten.playlists import Playlists
from segue.models.spaces.space import SparseSpace
from segue.models.vectors import Sparse, Vectors, columns_among, entries, liked, places_among

# Rows of the graph that are worked out together.
ROWS_AT_ONCE = 4096


class NeighborsSpace(SparseSpace, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    r"""Score by log(1 + n · share), where the share is of all that the KNN regressor predicts for the listener.

    The regressor is fitted to every recording on any playlist, with the listener's preferences, and 0 for what is not
    theirs. Two recordings are as near as

    .. math:: w(c, s) = (m_c m_s)^{-1/4} \sum_{\text{playlists with } c \text{ and } s} 1 / \text{length}

    where m is on how many playlists a recording is: hits and long lists say less of what belongs together. For
    each recording the graph keeps the nearest others alone. The logarithm, of how many times likelier than chance, is
    what goes with the other spaces' log probabilities.

    Parameters
    ----------
    n_neighbors : int, optional
        k, how many neighbors the graph keeps of each recording; None for all.
    background : float
        λ of the regressor, as a multiple of what the neighbors of a recording weigh together on average. The smaller,
        the less hits are preferred.

    Attributes
    ----------
    known_ : ndarray of int, shape (m,)
        Rows of the recordings on any playlist; all others score 0.
    graph_ : sparse array of float32, shape (m, m)
        The neighbor graph: in each row the similarities of the nearest; stored by columns, the way it is read.
    background_ : float
        λ.
    divisors_ : ndarray of float32, shape (m,)
        What the regressor divides by at each recording.
    reach_ : ndarray of float32, shape (m,)
        The sum of all predictions for a listener of one recording alone.
    n_ : int
        How many recordings there are.
    """

    def __init__(self, n_neighbors: int | None = None, background: float = 100.0) -> None:
        self.n_neighbors = n_neighbors
        self.background = background

    def fit(self, playlists: Playlists) -> NeighborsSpace:
        """Learn which recordings share playlists."""
        self.known_ = playlists.known
        self.n_ = playlists.matrix.shape[1]
        self.graph_ = co_listening_graph(playlists, self.n_neighbors)
        weight = np.asarray(self.graph_.sum(axis=1)).ravel()
        self.background_ = self.background * float(weight.mean()) if len(weight) else 0.0
        self.divisors_ = _or_one(self.background_ + weight).astype(np.float32)
        self.reach_ = (self.graph_.T @ (1 / self.divisors_)).astype(np.float32)
        return self

    def sparse_scores(self, weights: Sparse) -> Sparse:
        """Return the logarithms, shape (q, n)."""
        preferences = columns_among(liked(weights), self.known_)
        # As `PreferenceKNN` predicts: what it divides by is the same for every listener, and was worked out once.
        predicted = np.zeros((preferences.shape[0], len(self.known_)), np.float32)
        of, other, similarity = entries(self.graph_, preferences.indices)
        similarity = similarity * preferences.data[of]
        begins = np.searchsorted(of, preferences.indptr)
        for row, begin, end in zip(predicted, begins, begins[1:], strict=False):
            row[:] = np.bincount(other[begin:end], similarity[begin:end], minlength=len(self.known_))
        predicted /= self.divisors_
        # Several times faster than to look for what is not 0 in two dimensions.
        listeners, found = np.divmod(np.flatnonzero(predicted), len(self.known_))
        reach = _or_one(preferences @ self.reach_)
        scores = np.log1p(self.n_ * predicted[listeners, found] / reach[listeners]).astype(np.float32)
        ends = np.searchsorted(listeners, np.arange(preferences.shape[0] + 1))
        return sp.csr_array((scores, self.known_[found], ends), shape=weights.shape)

    def terms(self, seeds: NDArray[np.intp], weights: Vectors, rows: NDArray[np.intp]) -> Vectors:
        """Share a logarithm among the seeds as they share what it is taken of."""
        (places, known), (columns, counts) = (places_among(each, self.known_) for each in (rows, seeds))
        preferences = np.maximum(weights, 0) * counts
        reach = (preferences @ self.reach_[columns])[:, None, None]
        similarities = self._similarities(places, columns) * (known / self.divisors_[places])[:, None]
        predicted = similarities * preferences[:, None]
        of_all = np.einsum("qrs->qr", predicted)[:, :, None]
        predicted *= np.log1p(self.n_ * of_all / _or_one(reach)) / _or_one(of_all)
        return np.asarray(predicted, np.float32)

    def _similarities(self, places: NDArray[np.intp], columns: NDArray[np.intp]) -> Vectors:
        """Return the entries of the graph where some rows of it meet some columns, shape (rows, columns)."""
        numbers = np.full(len(self.known_), -1, np.int32)
        numbers[places] = np.arange(len(places))
        of, other, similarity = entries(self.graph_, columns)
        met = numbers[other]
        kept = np.flatnonzero(met >= 0)
        found = np.zeros((len(places), len(columns)), np.float32)
        found[met[kept], of[kept]] = similarity[kept]
        # A place that comes twice was filled in once.
        return found[numbers[places]]


def co_listening_graph(playlists: Playlists, k: int | None) -> Sparse:
    """Return the similarities of each known recording and its `k` nearest others (None: all that share a playlist)."""
    by_track = playlists.matrix[:, playlists.known].T.tocsr()
    lengths = np.maximum(np.bincount(by_track.indices, minlength=by_track.shape[1]), 1)
    counts = np.diff(by_track.indptr)
    steps = sp.csr_array(sp.diags_array(counts**-0.25) @ by_track @ sp.diags_array(lengths**-0.5)).astype(np.float32)
    n = len(counts)
    parts = [_others(steps, block.start, block.stop, k) for block in gen_batches(n, ROWS_AT_ONCE)]
    return sp.csc_array(sp.vstack(parts)) if parts else sp.csc_array((0, 0), dtype=np.float32)


def _others(steps: Sparse, start: int, stop: int, k: int | None) -> Sparse:
    shared = (steps[start:stop] @ steps.T).tocoo()
    others = shared.row + start != shared.col
    entries = (shared.data[others], (shared.row[others], shared.col[others]))
    found = sp.csr_array(entries, shape=shared.shape)
    return found if k is None else keep_nearest(found, k)


def _or_one(numbers: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.where(numbers > 0, numbers, 1)
