"""What every space can do, and what some can do that makes scoring fast."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from segue.models.vectors import Sparse, Vectors, gather, products


class BaseSpace(ABC):
    """A way to place recordings."""

    @abstractmethod
    def scores(self, weights: Sparse) -> Vectors:
        """Return how near each recording is to each listener.

        Parameters
        ----------
        weights : sparse array, shape (q, n)
            The preferences of each listener, as `segue.models.vectors.seed_weights` gives them.

        Returns
        -------
        ndarray of float32, shape (q, n)
            Higher is nearer. A fresh array: the caller may write into it.
        """

    @abstractmethod
    def terms(self, seeds: NDArray[np.intp], weights: Vectors, rows: NDArray[np.intp]) -> Vectors:
        """Return what each seed adds to the scores of `rows`: over the seeds that sums to the score.

        Parameters
        ----------
        seeds : ndarray of int, shape (m,)
        weights : ndarray of float32, shape (q, m)
            The preferences of each listener; the absolute values of each row sum to 1.
        rows : ndarray of int, shape (r,)

        Returns
        -------
        ndarray of float32, shape (q, r, m)
        """


class LinearSpace(BaseSpace):
    """A space whose scores are the products of a vector of the listener's with one of the recording's."""

    @abstractmethod
    def listeners(self, weights: Sparse) -> Vectors:
        """Return the vector of each listener, shape (q, d)."""

    @abstractmethod
    def at(self, rows: NDArray[np.intp]) -> Vectors:
        """Return the vectors of `rows`, shape (len(rows), d)."""

    def means(self, rows: NDArray[np.intp], averaging: Sparse) -> Vectors:
        """Return the mean vectors of some cells.

        Parameters
        ----------
        rows : ndarray of int, shape (n,)
            The recordings in them.
        averaging : sparse array of float32, shape (cells, n)
            The share of each recording in each cell; those of a cell sum to 1.

        Returns
        -------
        ndarray of float32, shape (cells, d)
        """
        return np.asarray(averaging @ self.at(rows), np.float32)

    def scores(self, weights: Sparse) -> Vectors:
        """Return the products, shape (q, n)."""
        return products(self.listeners(weights), self.at(np.arange(weights.shape[1])))


class PlacedSpace(BaseSpace):
    """A space with few places: recordings at the same one score alike.

    Attributes
    ----------
    places_ : ndarray of int, shape (n,)
        The place of each recording.
    """

    places_: NDArray[np.integer]

    @abstractmethod
    def listeners(self, weights: Sparse) -> Vectors:
        """Return what it takes of each listener to score, shape (q, d)."""

    @abstractmethod
    def table(self, listeners: Vectors) -> Vectors:
        """Return the score of each listener at each place, shape (q, m)."""

    @abstractmethod
    def at_places(self, places: NDArray[np.integer]) -> Vectors | Sparse:
        """Return the vectors of some places, shape (len(places), d): their products with listeners' are the scores."""

    @abstractmethod
    def means(self, rows: NDArray[np.intp], averaging: Sparse) -> Vectors | Sparse:
        """Return what the mean scores of some cells are the product with; the parameters are those of `LinearSpace`."""

    def scores(self, weights: Sparse) -> Vectors:
        """Return the score at the place of each recording, shape (q, n)."""
        return gather(self.table(self.listeners(weights)), self.places_)


class SparseSpace(BaseSpace):
    """A space that has something to say of few recordings, and scores all others 0."""

    @abstractmethod
    def sparse_scores(self, weights: Sparse) -> Sparse:
        """Return the scores by rows, shape (q, n)."""

    def scores(self, weights: Sparse) -> Vectors:
        """Return the scores, shape (q, n)."""
        return np.asarray(self.sparse_scores(weights).toarray(), np.float32)


Space = LinearSpace | PlacedSpace | SparseSpace
