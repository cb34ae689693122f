"""The audio space: what a recording sounds like."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import rankdata

from segue.groups import AUDIO_FEATURES
from segue.models.catalog_rows import CatalogRows
from segue.models.spaces.colisten.playlists import Playlists
from segue.models.spaces.cosine import DenseSpace
from segue.models.vectors import unit_rows

FEATURES = tuple(AUDIO_FEATURES)
SHRINKAGE = 0.1


class AudioSpace(DenseSpace):
    """The 13 audio features as normal scores, whitened within artists or within playlists.

    Each feature becomes the normal quantile of its rank: that spreads the skewed ones and leaves no outliers. A failed
    analysis counts as the median, so that a gap says nothing of the dataset it came from. What varies among the songs
    of one artist varies among what is listened to together, so such directions count less. Playlists say that better,
    where there are some.

    Attributes
    ----------
    normal_scores_ : ndarray of float32, shape (n, 13)
        Each feature before whitening: how many standard deviations from the catalog's median.
    """

    def fit(self, recordings: CatalogRows, playlists: Playlists | None = None) -> AudioSpace:
        """Place the recordings by their audio features.

        Parameters
        ----------
        recordings : CatalogRows
        playlists : Playlists, optional
            Whiten within these rather than within artists, if any holds two recordings: a recording counts once for
            each playlist that it is on.
        """
        raw = recordings.frame[list(FEATURES)].astype("float64")
        scores = _normal_scores(raw.fillna(raw.median()).fillna(0.0).to_numpy())
        self.normal_scores_ = scores.astype(np.float32)
        rows, groups = np.arange(len(scores)), recordings.first_artists
        if playlists is not None and (np.diff(playlists.matrix.indptr) > 1).any():
            groups, rows = playlists.matrix.nonzero()
        self.place(unit_rows(scores @ _whitener(scores[rows], groups)))
        return self


def _normal_scores(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the normal quantiles of the ranks of each column, with variance 1; 0 for a constant one."""
    scores: NDArray[np.float64] = ndtri((rankdata(values, axis=0) - 0.5) / len(values))
    deviation = scores.std(axis=0)
    varies = deviation > np.finfo(np.float32).eps
    return np.where(varies, scores / np.where(varies, deviation, 1), 0)


def _whitener(scores: NDArray[np.float64], groups: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the map that makes the covariance within groups (shrunk) the identity."""
    sizes = np.bincount(groups)
    means = np.stack([np.bincount(groups, column) for column in scores.T], axis=1) / np.maximum(sizes, 1)[:, None]
    deviations = scores - means[groups]
    covariance = deviations.T @ deviations / max(1, len(scores) - int((sizes > 0).sum()))
    scale = np.trace(covariance) / len(covariance)
    if scale <= np.finfo(np.float32).eps:
        return np.eye(scores.shape[1])
    shrunk = (1 - SHRINKAGE) * covariance + SHRINKAGE * scale * np.eye(len(covariance))
    values, directions = np.linalg.eigh(shrunk)
    return np.asarray(directions / np.sqrt(values))
