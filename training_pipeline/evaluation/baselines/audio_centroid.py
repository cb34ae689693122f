"""Audio centroid: what sounds like the average of the seeds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.preprocessing import normalize

from segue.groups import AUDIO_FEATURES
from training_pipeline.evaluation.baselines.baseline import Baseline, Weighed
from training_pipeline.evaluation.blocks import Vectors, audio, cosines
from training_pipeline.holdout import Rows

MIN_PLAYLIST = 2
SHRINKAGE = 0.1


def fit(recordings: pd.DataFrame, playlists: Sequence[Rows]) -> Baseline:  # noqa: ARG001 - of the protocol
    """Return the baseline: the cosine of standardized features to the centroid of the seeds."""
    return _centroid(recordings, audio(recordings, tuple(AUDIO_FEATURES)))


def fit_whitened(recordings: pd.DataFrame, playlists: Sequence[Rows]) -> Baseline:
    """Return the baseline with features whitened by how they vary within playlists.

    What varies little within a playlist, and so says which playlist it is, gets the most weight.
    """
    standard = audio(recordings, tuple(AUDIO_FEATURES))
    return _centroid(recordings, standard @ _whitener(standard, playlists))


def _centroid(recordings: pd.DataFrame, vectors: Vectors) -> Baseline:
    unit = np.asarray(normalize(vectors), dtype=np.float32)
    return Weighed(recordings, lambda seeds: cosines(seeds, unit))


def _whitener(standard: Vectors, playlists: Sequence[Rows]) -> Vectors:
    long = [standard[rows] for rows in playlists if len(rows) >= MIN_PLAYLIST]
    width = standard.shape[1]
    if not long:
        return np.eye(width, dtype=np.float32)
    within = np.concatenate([vectors - vectors.mean(axis=0) for vectors in long]).astype(np.float64)
    covariance = within.T @ within / len(within)
    # Drawn towards a sphere, so that a feature that hardly varies on a few playlists does not count without bound.
    covariance = (1 - SHRINKAGE) * covariance + SHRINKAGE * max(np.trace(covariance) / width, 1e-9) * np.eye(width)
    variances, directions = np.linalg.eigh(covariance)
    return np.asarray(directions / np.sqrt(variances), dtype=np.float32)
