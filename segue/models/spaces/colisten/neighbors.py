"""Recordings that share playlists with the seeds."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from segue.models.spaces.colisten.playlists import Playlists
from segue.models.vectors import Sparse, Vectors, liked


class NeighborsSpace(BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """Score by log(1 + n · share) of what a walk from the seeds over shared playlists reaches.

    A recording weighs its count to the power -1/4 and a playlist its length to the power -1/2: hits and long lists say
    less of what belongs together.

    Attributes
    ----------
    known_ : ndarray of int, shape (m,)
        Rows of the recordings on any playlist; all others score 0.
    steps_ : sparse array of float32, shape (m, playlists)
    n_ : int
    """

    def fit(self, playlists: Playlists) -> NeighborsSpace:
        """Learn which recordings share playlists."""
        self.known_ = playlists.known
        self.n_ = playlists.matrix.shape[1]
        by_track = playlists.matrix[:, self.known_].T.tocsr()
        lengths = np.maximum(np.bincount(by_track.indices, minlength=by_track.shape[1]), 1)
        counts = np.diff(by_track.indptr)
        steps = sp.diags_array(counts**-0.25) @ by_track @ sp.diags_array(lengths**-0.5)
        self.steps_ = sp.csr_array(steps).astype(np.float32)
        return self

    def scores(self, weights: Sparse) -> Vectors:
        """Return the logarithms, shape (q, n)."""
        lists = (liked(weights)[:, self.known_] @ self.steps_).toarray()
        reached = self.steps_ @ lists.T
        found = np.zeros((self.n_, weights.shape[0]), np.float32)
        found[self.known_] = np.log1p(self.n_ * reached / _or_one(np.ascontiguousarray(reached.T).sum(axis=1)))
        return found.T

    def terms(self, seeds: NDArray[np.intp], weights: Vectors, rows: NDArray[np.intp]) -> Vectors:
        """Share a logarithm among the seeds as they share what it is taken of."""
        query = sp.csr_array((np.maximum(weights, 0), (np.zeros(len(seeds), int), seeds)), shape=(1, self.n_))
        reached = (self._at(rows) @ self._at(seeds).T).toarray() * query[:, seeds].toarray()
        total = self.steps_.sum(axis=0) @ (query[:, self.known_] @ self.steps_).toarray()[0]
        of_all = reached.sum(axis=1, keepdims=True)
        return np.asarray(np.log1p(self.n_ * of_all / _or_one(total)) * reached / _or_one(of_all), np.float32)

    def _at(self, rows: NDArray[np.intp]) -> Sparse:
        places = np.minimum(np.searchsorted(self.known_, rows), len(self.known_) - 1)
        known = (self.known_[places] == rows).astype(np.float32)
        return sp.diags_array(known) @ self.steps_[places]


def _or_one(numbers: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.where(numbers > 0, numbers, 1)
