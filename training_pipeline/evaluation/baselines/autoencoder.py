"""Autoencoder latent: what sounds like the average of the seeds, in six numbers that a network has found."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from segue.models.catalog_rows import CatalogRows
from segue.models.spaces.audio import AudioSpace
from segue.models.spaces.autoencoder import AutoencoderSpace
from training_pipeline.evaluation.baselines.baseline import Baseline, Weighed
from training_pipeline.holdout import Rows


def fit(recordings: pd.DataFrame, playlists: Sequence[Rows]) -> Baseline:  # noqa: ARG001 - of the protocol
    """Return the baseline: the cosine of latent vectors to the centroid of the seeds."""
    space = AutoencoderSpace().fit(AudioSpace().fit(CatalogRows(recordings)))
    return Weighed(recordings, space.scores)
