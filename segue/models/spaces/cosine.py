"""Nearness by cosine, the base of every space that has vectors."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from segue.models.spaces.space import LinearSpace, PlacedSpace
from segue.models.vectors import Sparse, Vectors, any_products, dense, row_products

TRACE = 0.01
"""Means of a cell below this are left out where vectors are sparse: three in four, with 4 % of the length."""


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

    def cosines(self, row: int) -> Vectors:
        """Return the cosine of every recording with one, shape (n,)."""
        return np.asarray(self.vectors_ @ dense(self.vectors_[[row]])[0], np.float32)

    def cosines_between(self, first: NDArray[np.intp], second: NDArray[np.intp]) -> Vectors:
        """Return the cosines of some rows with others, shape (len(first), len(second))."""
        return row_products(self.vectors_, first, second)

    def terms(self, seeds: NDArray[np.intp], weights: Vectors, rows: NDArray[np.intp]) -> Vectors:
        """Return what each seed adds to the scores of `rows`: weight times cosine."""
        return np.asarray(self.cosines_between(rows, seeds) * weights[:, None], np.float32)


class DenseSpace(CosineSpace, LinearSpace):
    """Cosines with vectors that differ from one recording to the next."""

    def listeners(self, weights: Sparse) -> Vectors:
        """Return the weighted mean vector of each listener's seeds, shape (q, d)."""
        return np.asarray(weights @ self.vectors_, np.float32)


class SharedSpace(CosineSpace, PlacedSpace):
    """Cosines with vectors that many recordings share: each is kept, and compared, once.

    Attributes
    ----------
    distinct_ : ndarray or sparse array of float32, shape (m, d)
        Unit rows, or zeros.
    places_ : ndarray of int, shape (n,)
        Which of them each recording has.
    """

    def place_at(self, distinct: Vectors | Sparse, places: NDArray[np.intp]) -> None:
        """Keep the distinct vectors, and which of them each recording has."""
        self.distinct_ = distinct
        self.places_ = places

    @property
    def vectors_(self) -> Vectors | Sparse:  # type: ignore[override] # only `place` sets it, which these do without
        """Each recording's vector, shape (n, d): put together anew each time."""
        return self.distinct_[self.places_]

    def at(self, rows: NDArray[np.intp]) -> Vectors | Sparse:
        """Return the vectors of `rows`."""
        return self.distinct_[self.places_[rows]]

    def listeners(self, weights: Sparse) -> Vectors:
        """Return the weighted mean vector of each listener's seeds, shape (q, d)."""
        seeds = (weights.data, self.places_[weights.indices], weights.indptr)
        by_place = sp.csr_array(seeds, shape=(weights.shape[0], self.distinct_.shape[0]))
        return np.asarray(dense(by_place @ self.distinct_), np.float32)

    def table(self, listeners: Vectors) -> Vectors:
        """Return the weighted mean cosines with the distinct vectors, shape (q, m)."""
        return any_products(listeners, self.distinct_)

    def at_places(self, places: NDArray[np.integer]) -> Vectors | Sparse:
        """Return some of the distinct vectors."""
        return self.distinct_[places]

    def means(self, rows: NDArray[np.intp], averaging: Sparse) -> Vectors | Sparse:
        """Return the mean vectors of some cells."""
        shares = (averaging.data, self.places_[rows[averaging.indices]], averaging.indptr)
        means = sp.csr_array(shares, shape=(averaging.shape[0], self.distinct_.shape[0])) @ self.distinct_
        if isinstance(means, np.ndarray):
            return means
        # Most entries are of one recording or two, and say nothing of the others in the cell.
        means.data[means.data < TRACE] = 0
        means.eliminate_zeros()
        return means

    def cosines_between(self, first: NDArray[np.intp], second: NDArray[np.intp]) -> Vectors:
        """Return the cosines of some rows with others, shape (len(first), len(second))."""
        return row_products(self.distinct_, self.places_[first], self.places_[second])

    def cosines(self, row: int) -> Vectors:
        """Return the cosine of every recording with one, shape (n,)."""
        found = self.distinct_ @ dense(self.distinct_[[self.places_[row]]])[0]
        return np.asarray(found[self.places_], np.float32)
