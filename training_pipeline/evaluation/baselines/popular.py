"""Popularity: the same hits for everybody."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from training_pipeline.evaluation.baselines.baseline import Baseline, Block, Scores, Weighed
from training_pipeline.evaluation.blocks import popularity
from training_pipeline.holdout import Rows


def fit(recordings: pd.DataFrame, playlists: Sequence[Rows]) -> Baseline:  # noqa: ARG001 - of the protocol
    """Return the baseline: Spotify's popularity, as the catalog has it."""
    return Weighed(recordings, for_everybody(popularity(recordings)))


def for_everybody(scores: Scores) -> Block:
    """Return what gives each recording its score, whatever the seeds are."""
    return lambda seeds: np.tile(scores, (seeds.shape[0], 1))
