"""The audio space: what a recording sounds like."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

from segue.groups import AUDIO_FEATURES
from segue.models.catalog_rows import CatalogRows
from segue.models.spaces.colisten.playlists import Playlists
from segue.models.spaces.cosine import DenseSpace
from segue.models.vectors import Vectors, unit_rows

FEATURES = tuple(AUDIO_FEATURES)
SHRINKAGE = 0.1
LEAST_RATIO = 0.01
"""Of the variance between playlists to that within: playlists that do not differ in anything tell nothing apart."""
QUANTILES = np.linspace(-5, 5, 1001)
"""Normal scores by which those of later recordings are told: close enough for a straight line from one to the next."""


class AudioSpace(DenseSpace):
    """The 13 audio features as normal scores, whitened within artists, or their discriminants between playlists.

    Each feature becomes the normal quantile of its rank: that spreads the skewed ones and leaves no outliers. A failed
    analysis counts as the median, so that a gap says nothing of the dataset it came from. What varies among the songs
    of one artist varies among what is listened to together, so such directions count less. Playlists say that better,
    where there are some, and also in which directions one differs from the next.

    Attributes
    ----------
    normal_scores_ : ndarray of float32, shape (n, 13)
        Each feature before whitening: how many standard deviations from the catalog's median.
    quantiles_ : ndarray of float64, shape (2, m, 13)
        Values of each feature from the lowest to the highest, and the normal scores that they have.
    directions_ : ndarray of float64, shape (13, 13)
        From normal scores to vectors, but for their length.
    """

    def fit(self, recordings: CatalogRows, playlists: Playlists | None = None) -> AudioSpace:
        """Place the recordings by their audio features.

        Parameters
        ----------
        recordings : CatalogRows
        playlists : Playlists, optional
            Learn from these rather than from artists, if any holds two recordings: a recording counts once for each
            playlist that it is on.
        """
        raw = recordings.frame[list(FEATURES)].astype("float64")
        values = raw.fillna(raw.median()).fillna(0.0).to_numpy()
        scores = _normal_scores(values)
        self.normal_scores_ = scores.astype(np.float32)
        spread = np.unique((ndtr(QUANTILES) * (len(values) - 1)).round().astype(int))
        # A score is higher where the value is: sorted each for itself they still belong together.
        self.quantiles_ = np.stack([np.sort(values, axis=0)[spread], np.sort(scores, axis=0)[spread]])
        if playlists is not None and (np.diff(playlists.matrix.indptr) > 1).any():
            groups, rows = playlists.matrix.nonzero()
            self.directions_ = _discriminants(scores[rows], groups)
        else:
            self.directions_ = _whitener(scores, recordings.first_artists)
        self.place(unit_rows(scores @ self.directions_))
        return self

    def normal_scores(self, features: pd.DataFrame) -> Vectors:
        """Return the normal scores of recordings that came later, among those that the space was fitted to.

        Parameters
        ----------
        features : DataFrame
            With the columns `FEATURES`, m rows; what is missing counts as the median.

        Returns
        -------
        ndarray of float32, shape (m, 13)
        """
        given = features[list(FEATURES)].to_numpy("float64", na_value=np.nan)
        values, scores = self.quantiles_
        known = np.where(np.isnan(given), np.median(values, axis=0), given)
        columns = [np.interp(*column) for column in zip(known.T, values.T, scores.T, strict=True)]
        return np.stack(columns, axis=1).astype(np.float32)

    def transform(self, features: pd.DataFrame) -> Vectors:
        """Return the vectors of recordings that came later, float32, shape (m, 13), by their `FEATURES`."""
        return np.asarray(unit_rows(self.normal_scores(features) @ self.directions_), np.float32)


def _normal_scores(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the normal quantiles of the ranks of each column, with variance 1; 0 for a constant one."""
    scores: NDArray[np.float64] = ndtri((rankdata(values, axis=0) - 0.5) / len(values))
    deviation = scores.std(axis=0)
    varies = deviation > np.finfo(np.float32).eps
    return np.where(varies, scores / np.where(varies, deviation, 1), 0)


def _whitener(scores: NDArray[np.float64], groups: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the map that makes the covariance within groups (shrunk) the identity."""
    values, directions = np.linalg.eigh(_covariances(scores, groups)[0])
    return np.asarray(directions / np.sqrt(values))


def _discriminants(scores: NDArray[np.float64], groups: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the map onto the directions in which groups differ most (linear discriminant analysis).

    Within groups each direction gets variance 1. Then it is scaled by the fourth root of the share of its variance that
    is between groups, the intraclass correlation: so it counts in a cosine by the root of that.
    """
    within, between = _covariances(scores, groups)
    found, directions = eigh(between, within)
    ratios = np.maximum(found, LEAST_RATIO)
    return np.asarray(directions * (ratios / (1 + ratios)) ** 0.25)


def _covariances(
    scores: NDArray[np.float64], groups: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the covariance within groups, shrunk, and between those of two or more; the identity if none varies."""
    width, sizes = scores.shape[1], np.bincount(groups)
    means = np.stack([np.bincount(groups, column) for column in scores.T], axis=1) / np.maximum(sizes, 1)[:, None]
    deviations = scores - means[groups]
    within = deviations.T @ deviations / max(1, len(scores) - int((sizes > 0).sum()))
    scale = np.trace(within) / width
    if scale <= np.finfo(np.float32).eps:
        return np.eye(width), np.zeros((width, width))
    several = sizes > 1
    # The means of a few differ by chance, too: by what varies within.
    between = np.cov(means[several].T, bias=True) - within * np.mean(1 / sizes[several])
    return (1 - SHRINKAGE) * within + SHRINKAGE * scale * np.eye(width), between
