"""How varied a list is, and how well its genres fit a listener's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.preprocessing import normalize

from inference_pipeline.filters.base import split_labels
from segue.groups import GRADUAL_FEATURES

SMOOTHING = 0.01
"""The share of the wanted distribution that is mixed into a list's, so that a missing genre costs no infinity."""


@dataclass(frozen=True)
class SoundScale:
    """What is average: the mean and the standard deviation of each feature of `GRADUAL_FEATURES` in the catalog."""

    means: NDArray[np.float64]
    deviations: NDArray[np.float64]

    @classmethod
    def of(cls, catalog: pd.DataFrame) -> SoundScale:
        """Measure a catalog; a feature that does not vary, or that nothing has, tells nothing."""
        values = catalog[list(GRADUAL_FEATURES)].astype("float64")
        deviations = values.std(ddof=0).to_numpy()
        return cls(values.mean().fillna(0).to_numpy(), np.where(deviations > 0, deviations, np.inf))


def content_vectors(candidates: pd.DataFrame, scale: SoundScale) -> NDArray[np.float64]:
    """Return a unit vector for each candidate, of equal parts of genre labels and of sound; what is missing is 0."""
    standard = (candidates[list(GRADUAL_FEATURES)].to_numpy("float64") - scale.means) / scale.deviations
    genres = genre_shares(candidates["labels"], _labels(candidates["labels"]))
    # scikit-learn refuses what has no columns: none may have a label.
    parts = [normalize(part) for part in (genres, np.nan_to_num(standard)) if part.shape[1]]
    return np.asarray(normalize(np.hstack(parts)))


def intra_list_similarity(vectors: NDArray[np.float64]) -> float:
    """Return the mean cosine of all pairs of unit rows; 0 where there is no pair."""
    n = len(vectors)
    if n < 2:  # noqa: PLR2004 - one and another
        return 0.0
    total = vectors.sum(axis=0)
    return float((total @ total - (vectors * vectors).sum()) / (n * (n - 1)))


def genre_shares(labels: pd.Series, genres: Sequence[str]) -> NDArray[np.float64]:
    """Return the share of each of `genres` in each recording, shape (n, n_genres): equal for each of its labels."""
    column = {name: position for position, name in enumerate(genres)}
    shares = np.zeros((len(labels), len(genres)))
    for row, found in enumerate(split_labels(labels)):
        shares[row, [column[name] for name in found if name in column]] = 1 / max(len(found), 1)
    return shares


def wanted_genres(labels: pd.Series, weights: NDArray[np.floating]) -> tuple[list[str], NDArray[np.float64]]:
    """Return the genres of what a listener likes, and the share of each in it; recordings without labels say nothing.

    Parameters
    ----------
    labels : Series of str
        Of each recording that they like.
    weights : ndarray of float
        How much they like it, above 0.
    """
    genres = _labels(labels)
    total = weights @ genre_shares(labels, genres)
    return genres, total / max(total.sum(), np.finfo(float).tiny)


def calibration(listed: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far the genres of lists are from the wanted ones: the Kullback-Leibler divergence, 0 for the same.

    Steck (2018), "Calibrated recommendations": Σ p log(p / q̃) with q̃ = (1 - α) q + α p and α = 0.01.

    Parameters
    ----------
    listed : ndarray, shape (..., n_genres)
        Shares in each list, q.
    wanted : ndarray, shape (n_genres,)
        Shares in what the listener likes, p.
    """
    there = wanted > 0
    p = wanted[there]
    return np.asarray((p * np.log(p / ((1 - SMOOTHING) * listed[..., there] + SMOOTHING * p))).sum(axis=-1))


def _labels(joined: pd.Series) -> list[str]:
    return sorted(frozenset().union(*split_labels(joined)))
