"""Nearness by how much more often the seeds are of a kind than the catalog is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from segue.models.spaces.space import PlacedSpace
from segue.models.vectors import Sparse, Vectors, liked, products

TINY = 1e-9


class DensityRatioSpace(PlacedSpace, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    r"""Score a recording by the log ratio of two densities at its bin: the liked seeds' and the catalog's.

    .. math:: \log \frac{h_b + \epsilon f_b}{(1 + \epsilon) f_b}

    where h is the histogram of the seeds and f that of the catalog, both smoothed by a Gaussian. It is the best
    classifier of "on the listener's list" against "in the catalog" by the bin alone: nothing popular is preferred as
    such, only to those who listen to what is popular. Seeds and recordings of unknown bin count nothing.

    Parameters
    ----------
    n_bins : int
    smoothing : float
        Standard deviation of the Gaussian, in bins.
    background : float
        ε, the weight of the catalog's density beside the seeds'.

    Attributes
    ----------
    places_ : ndarray of uint8, shape (n,)
        The bin of each recording; `n_bins` where it is unknown.
    kernel_ : ndarray of float32, shape (n_bins, n_bins)
    density_ : ndarray of float32, shape (n_bins,)
        Of the catalog, smoothed.
    """

    def __init__(self, n_bins: int, smoothing: float, background: float) -> None:
        self.n_bins = n_bins
        self.smoothing = smoothing
        self.background = background

    def place(self, bins: NDArray[np.integer]) -> None:
        """Keep the bin of each recording (-1 where unknown), and learn the catalog's density."""
        distance = np.subtract.outer(np.arange(self.n_bins), np.arange(self.n_bins))
        kernel = np.exp(-0.5 * (distance / self.smoothing) ** 2)
        self.kernel_ = (kernel / kernel.sum(axis=1, keepdims=True)).astype(np.float32)
        counts = np.bincount(bins[bins >= 0], minlength=self.n_bins)
        self.density_ = ((counts / max(1, counts.sum())) @ self.kernel_).astype(np.float32)
        self.places_ = np.where(bins < 0, self.n_bins, bins).astype(np.uint8)

    def terms(self, seeds: NDArray[np.intp], weights: Vectors, rows: NDArray[np.intp]) -> Vectors:
        """Share a score among the seeds: what speaks for it by nearness of bins, what speaks against it evenly."""
        bins, at = self.places_[seeds], self.places_[rows]
        liked_seeds = np.maximum(weights, 0)
        liked_seeds /= np.maximum(liked_seeds.sum(axis=1, keepdims=True), TINY)
        liked_seeds *= bins < self.n_bins
        near = np.take(self.kernel_.T, bins, axis=1, mode="clip")
        smoothed, mass = liked_seeds @ near.T, liked_seeds.sum(axis=1, keepdims=True)
        score = self._log_ratios(liked_seeds, smoothed)
        by_nearness = np.where(score > 0, score / np.maximum(smoothed, TINY), 0)
        evenly = np.where(score > 0, 0, score / np.maximum(mass, TINY))
        # By bin, of which there are fewer than recordings; the last one is the unknown, where the score is 0.
        terms = np.zeros((len(weights), self.n_bins + 1, len(seeds)), np.float32)
        terms[:, :-1] = (by_nearness[:, :, None] * near + evenly[:, :, None]) * liked_seeds[:, None]
        return np.asarray(terms[:, at])

    def listeners(self, weights: Sparse) -> Vectors:
        """Return the log ratio at each bin, and 0 for the unknown one, shape (q, n_bins + 1)."""
        weights = liked(weights)
        seeds = np.zeros((weights.shape[0], self.n_bins + 1), np.float32)
        listeners = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
        np.add.at(seeds, (listeners, self.places_[weights.indices]), weights.data)
        known = seeds[:, :-1]
        seeds[:, :-1] = self._log_ratios(known, products(known, self.kernel_.T))
        seeds[:, -1] = 0
        return seeds

    def table(self, listeners: Vectors) -> Vectors:
        """Return the log ratios as they are."""
        return listeners

    def at_places(self, places: NDArray[np.integer]) -> Vectors:
        """Return for each place a 1 at its bin, shape (len(places), n_bins + 1)."""
        return np.asarray(np.eye(self.n_bins + 1, dtype=np.float32)[places])

    def differences(self) -> Vectors:
        """Return vectors of the bins that differ as much as listeners of one seed score them differently.

        Returns
        -------
        ndarray of float32, shape (n_bins + 1, n_bins)
            The squared distance of two is the mean squared difference of their scores, over seeds drawn from the
            catalog.
        """
        seeds = np.eye(self.n_bins, dtype=np.float32)
        scores = self._log_ratios(seeds, seeds @ self.kernel_) * np.sqrt(self.density_)[:, None]
        return np.vstack([scores.T, np.zeros(self.n_bins, np.float32)])

    def means(self, rows: NDArray[np.intp], averaging: Sparse) -> Vectors:
        """Return how the recordings of each cell are distributed over the bins, shape (cells, n_bins + 1)."""
        return np.asarray(averaging @ self.at_places(self.places_[rows]))

    def _log_ratios(self, weights: Vectors, smoothed: Vectors) -> Vectors:
        """Return the log ratio at each known bin by the weights of the seeds there, both of shape (q, n_bins)."""
        mass = weights.sum(axis=1, keepdims=True)
        expected = mass * self.density_
        ratio = (smoothed + self.background * expected + TINY) / ((1 + self.background) * expected + TINY)
        return np.asarray(np.log(ratio) * (mass > 0), np.float32)
