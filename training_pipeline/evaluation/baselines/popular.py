"""Popularity: the same hits for everybody."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from training_pipeline.evaluation.baselines.baseline import Baseline, Weighed
from training_pipeline.evaluation.blocks import popularity
from training_pipeline.holdout import Rows


def fit(recordings: pd.DataFrame, playlists: Sequence[Rows]) -> Baseline:  # noqa: ARG001 - of the protocol
    """Return the baseline: Spotify's popularity, as the catalog has it."""
    popular = popularity(recordings)
    return Weighed(recordings, lambda seeds: np.tile(popular, (seeds.shape[0], 1)))
