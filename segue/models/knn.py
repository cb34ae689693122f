"""The KNN regressor: from how much a listener likes some tracks to how much they will like others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.preprocessing import normalize
from sklearn.utils import gen_batches
from sklearn.utils.validation import check_is_fitted, validate_data

Floats = NDArray[np.floating[Any]]

DTYPES = (np.float64, np.float32)
# Candidates x seeds weighed at once where only the nearest seeds count: 100 MB of float32.
MAX_WEIGHTS = 25_000_000


class PreferenceKNN(RegressorMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    r"""Predict a listener's preference for a track from their preferences for the nearest of their own.

    .. math:: \hat y(c) = \frac{\sum_{s \in N_k(c)} w(c, s)\, p(s)}{\lambda + \sum_{s \in N_k(c)} w(c, s)}, \qquad
              w(c, s) = \frac{1 + \cos(c, s)}{2}

    A weighted k-nearest-neighbor mean, drawn towards 0 by a background of weight λ: where the seeds are far, little is
    known. With λ = 0 it is `sklearn.neighbors.KNeighborsRegressor(n_neighbors=k, metric="cosine",
    weights=lambda distance: 1 - distance / 2)`. With k = all it is two matrix products, whatever the number of seeds.

    Parameters
    ----------
    n_neighbors : int, optional
        How many of the nearest seeds count, k; None for all.
    background : float
        Weight of the background, λ ≥ 0.

    Attributes
    ----------
    seeds_ : ndarray, shape (n_seeds, n_features)
        The listener's tracks, as unit vectors.
    preferences_ : ndarray, shape (n_seeds,)
        How much they like each.
    """

    def __init__(self, n_neighbors: int | None = None, background: float = 1.0) -> None:
        self.n_neighbors = n_neighbors
        self.background = background

    def fit(self, X: ArrayLike, y: ArrayLike) -> PreferenceKNN:  # noqa: N803 - scikit-learn's name
        """Remember the seeds.

        Parameters
        ----------
        X : array-like, shape (n_seeds, n_features)
            Vectors of the listener's tracks; only their direction counts.
        y : array-like, shape (n_seeds,)
            Preferences, from -1 (disliked) to 1.

        Raises
        ------
        ValueError
            If a parameter is out of its range, or the arrays are not finite numbers of these shapes.
        """
        if self.n_neighbors is not None and self.n_neighbors < 1:
            raise ValueError(f"n_neighbors is {self.n_neighbors}, but must be at least 1, or None for all")
        if self.background < 0:
            raise ValueError(f"background is {self.background}, but must not be negative")
        vectors, preferences = validate_data(self, X, y, dtype=DTYPES, y_numeric=True)
        self.seeds_ = normalize(vectors)
        self.preferences_ = preferences.astype(vectors.dtype)
        return self

    def predict(self, X: ArrayLike) -> Floats:  # noqa: N803 - scikit-learn's name
        """Return the predicted preference for each row of `X`, shape (n,)."""
        check_is_fitted(self)
        predictions: Floats = predict_together([self], validate_data(self, X, reset=False, dtype=DTYPES))[0]
        return predictions

    def contributions(self, X: ArrayLike) -> Floats:  # noqa: N803 - scikit-learn's name
        """Return the terms w·p of the sum, shape (n, n_seeds); 0 for seeds that are not among the k nearest."""
        check_is_fitted(self)
        terms: Floats = self._weights(validate_data(self, X, reset=False, dtype=DTYPES)) * self.preferences_
        return terms

    @property
    def n_counted(self) -> int:
        """How many seeds count for each prediction."""
        return min(self.n_neighbors or len(self.seeds_), len(self.seeds_))

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that this estimator does not reproduce its training data, and is not meant to."""
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True
        return tags

    def _weights(self, vectors: Floats) -> Floats:
        weights: Floats = (1 + normalize(vectors) @ self.seeds_.T) / 2
        np.maximum(weights, 0, out=weights)
        if self.n_counted < len(self.seeds_):
            farther = np.argpartition(-weights, self.n_counted, axis=1)[:, self.n_counted :]
            np.put_along_axis(weights, farther, 0, axis=1)
        return weights

    def _predict_from_nearest(self, vectors: Floats) -> Floats:
        blocks = gen_batches(len(vectors), max(1, MAX_WEIGHTS // len(self.seeds_)))
        weights = (self._weights(vectors[block]) for block in blocks)
        sums = np.concatenate([np.column_stack([w.sum(axis=1), w @ self.preferences_]) for w in weights])
        return _mean(sums[:, 0], sums[:, 1], self.background)


def predict_together(regressors: Sequence[PreferenceKNN], vectors: Floats) -> Floats:
    """Return the predictions of several fitted regressors with the same parameters, shape (n_regressors, n).

    The same as calling `predict` of each, and much faster where all seeds count: a weight is the product of
    (1, candidate) and (1, seed) / 2, so that the sums over seeds can be taken first.
    """
    if any(regressor.n_counted < len(regressor.seeds_) for regressor in regressors):
        return np.stack([regressor._predict_from_nearest(vectors) for regressor in regressors])  # noqa: SLF001 - its own module
    candidates = normalize(vectors)
    weight = np.stack([_half_sums(regressor.seeds_, np.ones_like(regressor.preferences_)) for regressor in regressors])
    liked = np.stack([_half_sums(regressor.seeds_, regressor.preferences_) for regressor in regressors])
    return _mean(_products(weight, candidates), _products(liked, candidates), regressors[0].background)


def _half_sums(seeds: Floats, factors: Floats) -> Floats:
    return np.append(factors @ seeds, factors.sum()) / 2


def _products(sums: Floats, candidates: Floats) -> Floats:
    products: Floats = sums[:, :-1] @ candidates.T
    products += sums[:, -1:]
    return products


def _mean(weight: Floats, liked: Floats, background: float) -> Floats:
    """Return liked / (background + weight), overwriting both; 0 where nothing has any weight."""
    weight += background
    return np.divide(liked, weight, out=np.zeros_like(liked), where=weight > 0)
