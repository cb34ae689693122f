"""The KNN regressor: from how much a listener likes some tracks to how much they will like others."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.preprocessing import normalize
from sklearn.utils import gen_batches
from sklearn.utils.validation import check_is_fitted, validate_data

from segue.models.neighbor_graph import keep_nearest

Floats = NDArray[np.floating[Any]]

DTYPES = (np.float64, np.float32)
METRICS = ("cosine", "precomputed")
# Candidates x seeds weighed at once where only the nearest seeds count: 100 MB of float32.
MAX_WEIGHTS = 25_000_000


class PreferenceKNN(MultiOutputMixin, RegressorMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    r"""Predict a listener's preference for a track from their preferences for the nearest of their own.

    .. math:: \hat y(c) = \frac{\sum_{s \in N_k(c)} w(c, s)\, p(s)}{\lambda + \sum_{s \in N_k(c)} w(c, s)}

    A weighted k-nearest-neighbor mean, drawn towards 0 by a background of weight λ: where the seeds are far, little is
    known. With λ = 0 it is `sklearn.neighbors.KNeighborsRegressor` of as many neighbors, with the same metric and
    weights. For vectors w = (1 + cos) / 2; with k = all that is two matrix products, whatever the number of seeds.

    Parameters
    ----------
    n_neighbors : int, optional
        How many of the nearest seeds count, k; None for all.
    background : float
        Weight of the background, λ ≥ 0.
    metric : {"cosine", "precomputed"}
        What the arrays are: vectors; or the weights w themselves, none of them negative, of shape (n_seeds, n_seeds)
        when fitting and (n, n_seeds) when predicting, dense or sparse. What a sparse one does not store weighs nothing,
        so a neighbor graph is one.

    Attributes
    ----------
    seeds_ : ndarray, shape (n_seeds, n_features)
        The listener's tracks, as unit vectors; with precomputed weights there are none.
    preferences_ : ndarray or sparse array, shape (n_seeds,) or (n_seeds, n_listeners)
        How much they are liked.
    """

    def __init__(self, n_neighbors: int | None = None, background: float = 1.0, metric: str = "cosine") -> None:
        self.n_neighbors = n_neighbors
        self.background = background
        self.metric = metric

    def fit(self, X: Any, y: Any) -> PreferenceKNN:  # noqa: N803 - scikit-learn's name
        """Remember the seeds.

        Parameters
        ----------
        X : array-like, shape (n_seeds, n_features)
            Vectors of the listener's tracks, only whose direction counts; or weights, as `metric` says.
        y : array-like or sparse array, shape (n_seeds,) or (n_seeds, n_listeners)
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
        if self.metric not in METRICS:
            raise ValueError(f"metric is {self.metric!r}, but must be one of {', '.join(METRICS)}")
        given, preferences = validate_data(
            self, X, y, dtype=DTYPES, y_numeric=True, multi_output=True, accept_sparse=self._sparse
        )
        if self.metric == "cosine":
            self.seeds_ = normalize(given)
        elif given.shape[0] != given.shape[1]:
            raise ValueError(f"precomputed weights are square, but these are of shape {given.shape}")
        self.preferences_ = preferences.astype(given.dtype)
        return self

    def predict(self, X: Any) -> Any:  # noqa: N803 - scikit-learn's name
        """Return the predicted preferences for each row of `X`, shape (n,) or (n, n_listeners).

        They are sparse where the preferences are, and the precomputed weights.
        """
        check_is_fitted(self)
        given = self._checked(X)
        if self.metric == "precomputed":
            weights = self._nearest(given)
            return self._mean(_column(weights.sum(axis=1)), weights @ self.preferences_)
        if self.n_counted == len(self.seeds_):
            return self._predict_from_all(normalize(given))
        blocks = gen_batches(len(given), max(1, MAX_WEIGHTS // len(self.seeds_)))
        parts = (self._weights(given[block]) for block in blocks)
        return np.concatenate([self._mean(_column(w.sum(axis=1)), w @ self.preferences_) for w in parts])

    def contributions(self, X: ArrayLike) -> Floats:  # noqa: N803 - scikit-learn's name
        """Return the terms w·p of one listener's sum, shape (n, n_seeds); 0 for seeds not among the k nearest."""
        check_is_fitted(self)
        terms: Floats = self._weights(self._checked(X)) * self.preferences_
        return terms

    @property
    def n_counted(self) -> int:
        """How many seeds count for each prediction."""
        n_seeds = self.preferences_.shape[0]
        return int(min(self.n_neighbors or n_seeds, n_seeds))

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn what it takes, and that it does not reproduce its training data, and is not meant to."""
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True
        tags.input_tags.pairwise = self.metric == "precomputed"
        tags.input_tags.sparse = self.metric == "precomputed"
        return tags

    @property
    def _sparse(self) -> list[str] | bool:
        # By columns, a product with the preferences for few seeds reads only theirs.
        return ["csc", "csr"] if self.metric == "precomputed" else False

    def _checked(self, X: Any) -> Any:  # noqa: N803 - scikit-learn's name
        return validate_data(self, X, reset=False, dtype=DTYPES, accept_sparse=self._sparse)

    def _weights(self, given: Any) -> Any:
        if self.metric == "precomputed":
            return self._nearest(given)
        weights: Floats = (1 + normalize(given) @ self.seeds_.T) / 2
        return self._nearest(np.maximum(weights, 0, out=weights))

    def _nearest(self, weights: Any) -> Any:
        if self.n_counted == weights.shape[1]:
            return weights
        if sp.issparse(weights):
            return keep_nearest(weights, self.n_counted)
        farther = np.argpartition(-weights, self.n_counted, axis=1)[:, self.n_counted :]
        weights = weights.copy()
        np.put_along_axis(weights, farther, 0, axis=1)
        return weights

    def _predict_from_all(self, candidates: Floats) -> Any:
        """Sum over the seeds first: a weight is the product of (1, candidate) and (1, seed) / 2."""
        weight = (candidates @ self.seeds_.sum(axis=0) + len(self.seeds_)) / 2
        liked = (candidates @ (self.seeds_.T @ self.preferences_) + self.preferences_.sum(axis=0)) / 2
        return self._mean(_column(np.maximum(weight, 0)), liked)

    def _mean(self, weight: Floats, liked: Any) -> Any:
        """Return liked / (λ + weight); 0 where nothing has any weight."""
        of_all = np.asarray(weight + self.background, liked.dtype)
        if not isinstance(liked, np.ndarray):
            means = liked.tocsc()
            means.data /= np.where(of_all > 0, of_all, 1)[means.indices]
            return means
        of_all = of_all.reshape(-1, *[1] * (liked.ndim - 1))
        divided: Floats = np.divide(liked, of_all, out=np.zeros_like(liked), where=of_all > 0)
        return divided


def _column(sums: Any) -> Floats:
    return np.asarray(sums).ravel()
