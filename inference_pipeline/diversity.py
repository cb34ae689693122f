"""How varied a list is, and how well its genres fit a listener's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from inference_pipeline.filters import Candidates
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


def content_vectors(candidates: Candidates, scale: SoundScale) -> NDArray[np.float64]:
    """Return a unit vector for each candidate, of equal parts of genre labels and of sound; what is missing is 0."""
    sound = np.stack([candidates.column(name) for name in GRADUAL_FEATURES], axis=1)
    labels = candidates.described.labels
    genres = labels.shares(candidates.rows, labels.used(candidates.rows))
    parts = [_unit_rows(genres), _unit_rows(np.nan_to_num((sound - scale.means) / scale.deviations))]
    return _unit_rows(np.hstack(parts))


def intra_list_similarity(vectors: NDArray[np.float64]) -> float:
    """Return the mean cosine of all pairs of unit rows; 0 where there is no pair."""
    n = len(vectors)
    if n < 2:  # noqa: PLR2004 - one and another
        return 0.0
    total = vectors.sum(axis=0)
    return float((total @ total - (vectors * vectors).sum()) / (n * (n - 1)))


def wanted_genres(liked: Candidates, weights: NDArray[np.floating]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the genres of what a listener likes, by number, and the share of each in it.

    Recordings without labels say nothing.

    Parameters
    ----------
    liked : Candidates
        The recordings that they like.
    weights : ndarray of float
        How much they like each, above 0.
    """
    labels = liked.described.labels
    genres = labels.used(liked.rows)
    total = weights @ labels.shares(liked.rows, genres)
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


def _unit_rows(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return rows of length 1; rows of zeros stay zero."""
    lengths = np.sqrt(np.einsum("nd,nd->n", vectors, vectors))
    return vectors / np.where(lengths > 0, lengths, 1)[:, None]
