"""Nearness by cosine, the base of every space that has vectors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from segue.models.vectors import Sparse, Vectors, dense


class CosineSpace(BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """Score a recording by the weighted mean of its cosines with the seeds: disliked ones push it away.

    That is the numerator of `segue.models.knn.PreferenceKNN` with k = all, up to terms that are the same for every
    recording: Σ (1 + cos)/2 · p = (Σ p + Σ cos · p) / 2. The denominator would divide by how near the seeds are, and
    so by what is to be found.

    Attributes
    ----------
    vectors_ : ndarray or sparse array of float32, shape (n, d)
        Unit rows; a row of zeros where nothing is known.
    """

    def place(self, vectors: Vectors | Sparse) -> None:
        """Keep the vectors of the recordings."""
        self.vectors_ = vectors

    def at(self, rows: NDArray[np.intp]) -> Vectors | Sparse:
        """Return the vectors of `rows`."""
        return self.vectors_[rows]

    def scores(self, weights: Sparse) -> Vectors:
        """Return the weighted mean cosines, shape (q, n)."""
        centroids = dense(weights @ self.vectors_)
        # A column for each listener: the transposed product is five times slower where the vectors are sparse.
        return np.asarray(self.vectors_ @ centroids.T, np.float32).T

    def cosines(self, row: int) -> Vectors:
        """Return the cosine of every recording with one, shape (n,)."""
        return np.asarray(self.vectors_ @ dense(self.vectors_[[row]])[0], np.float32)

    def terms(self, seeds: NDArray[np.intp], weights: Vectors, rows: NDArray[np.intp]) -> Vectors:
        """Return weight times cosine."""
        cosines = self.vectors_[rows] @ self.vectors_[seeds].T
        return np.asarray(dense(cosines) * weights, np.float32)
