"""Implicit matrix factorization of playlists by alternating least squares.

Hu, Koren and Volinsky, "Collaborative filtering for implicit feedback datasets", 2008.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from segue.models.spaces.colisten.playlists import Playlists
from segue.models.spaces.space import LinearSpace
from segue.models.vectors import Sparse, Vectors, columns_among, liked, places_among

NUMBERS_AT_ONCE = 400_000


class AlsSpace(LinearSpace, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """Score a recording by its factors' product with the listener's, which are solved for from the liked seeds.

    Parameters
    ----------
    n_factors, n_iterations : int
    confidence : float
        α: how much more it says that a track is on a playlist than that one is not.
    regularization : float

    Attributes
    ----------
    known_ : ndarray of int, shape (m,)
        Rows of the recordings with factors; all others score 0.
    factors_ : ndarray of float32, shape (m, n_factors)
    gram_ : ndarray, shape (n_factors, n_factors)
        Their products, regularized.
    n_ : int
        How many recordings there are.
    """

    def __init__(
        self, n_factors: int = 24, confidence: float = 20.0, regularization: float = 1.0, n_iterations: int = 8
    ) -> None:
        self.n_factors = n_factors
        self.confidence = confidence
        self.regularization = regularization
        self.n_iterations = n_iterations

    def fit(self, playlists: Playlists) -> AlsSpace:
        """Factorize the playlists, the same way each time."""
        self.known_ = playlists.known
        self.n_ = playlists.matrix.shape[1]
        by_list = playlists.matrix[:, self.known_].tocsr()
        by_track = by_list.T.tocsr()
        factors = np.random.default_rng(0).normal(0, 0.1, (len(self.known_), self.n_factors))
        for _ in range(self.n_iterations):
            lists = self._solve(by_list, factors, self._gram(factors))
            factors = self._solve(by_track, lists, self._gram(lists))
        self.factors_ = factors.astype(np.float32)
        self.gram_ = self._gram(factors)
        return self

    def terms(self, seeds: NDArray[np.intp], weights: Vectors, rows: NDArray[np.intp]) -> Vectors:
        """Return the part of the listener's factors that each seed brings in, times the recording's."""
        positive = np.maximum(weights, 0)
        # As in `_relative`.
        favorites = positive.max(axis=1, keepdims=True, initial=np.finfo(np.float32).tiny)
        confidences = (positive / favorites)[:, None]
        own = self.at(seeds).astype(np.float64)
        grams = self.gram_ + self.confidence * (own.T * confidences) @ own
        parts = np.linalg.inv(grams) @ own.T * ((confidences > 0) * (1 + self.confidence * confidences))
        return np.asarray(self.at(rows) @ parts.astype(np.float32))

    def at(self, rows: NDArray[np.intp]) -> Vectors:
        """Return the factors of `rows`; zeros where there are none."""
        places, known = places_among(rows, self.known_)
        return np.asarray(self.factors_[places] * known.astype(np.float32)[:, None], np.float32)

    def listeners(self, weights: Sparse) -> Vectors:
        """Return the factors of each listener, shape (q, n_factors)."""
        own = columns_among(self._relative(liked(weights)), self.known_)
        return self._solve(own, self.factors_, self.gram_).astype(np.float32)

    def _relative(self, weights: Sparse) -> Sparse:
        # The favorite counts as a track on a playlist does, however many there are.
        favorites = weights.max(axis=1).toarray().ravel()
        relative = weights.copy()
        relative.data /= np.repeat(favorites, np.diff(weights.indptr))
        return relative

    def _gram(self, factors: NDArray[np.float64]) -> NDArray[np.float64]:
        gram: NDArray[np.float64] = factors.T @ factors + self.regularization * np.eye(self.n_factors)
        return gram

    def _solve(self, rows: Sparse, factors: NDArray[Any], gram: NDArray[np.float64]) -> NDArray[np.float64]:
        r"""Return the best factors of each row, given those of the columns: rows of equal length together.

        With G the Gram matrix, and V the factors of the columns that a row has entries in, with confidences C,

        .. math:: (G + V^T C V)^{-1} V^T (1 + C) 1 = G^{-1} V^T (C^{-1} + V G^{-1} V^T)^{-1} (C^{-1} + 1) 1

        by Woodbury's identity. Of the two systems the smaller one is solved: most tracks are on few playlists.
        """
        inverse = np.linalg.inv(gram)
        solved = np.zeros((rows.shape[0], self.n_factors))
        lengths = np.diff(rows.indptr)
        for length in np.unique(lengths[lengths > 0]):
            equal = np.flatnonzero(lengths == length)
            for part in np.array_split(equal, 1 + len(equal) * length * self.n_factors // NUMBERS_AT_ONCE):
                places = rows.indptr[part][:, None] + np.arange(length)
                seen = factors[rows.indices[places]].astype(np.float64)
                confidence = self.confidence * rows.data[places][:, :, None].astype(np.float64)
                if length < self.n_factors:
                    spread = seen @ inverse
                    matrices = np.matmul(spread, seen.transpose(0, 2, 1)) + np.eye(length) / confidence
                    parts = spread * np.linalg.solve(matrices, 1 / confidence + 1)
                    solved[part] = parts.sum(axis=1)
                else:
                    matrices = gram + np.matmul(seen.transpose(0, 2, 1), confidence * seen)
                    solved[part] = np.linalg.solve(matrices, ((1 + confidence) * seen).sum(axis=1)[..., None])[..., 0]
        return solved
