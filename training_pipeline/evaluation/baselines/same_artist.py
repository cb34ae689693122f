"""Same artist: more of the artists one knows, the most popular first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from training_pipeline.evaluation.baselines.baseline import Baseline, Weighed
from training_pipeline.evaluation.blocks import artists, cosines, popularity
from training_pipeline.holdout import Rows


def fit(recordings: pd.DataFrame, playlists: Sequence[Rows]) -> Baseline:  # noqa: ARG001 - of the protocol
    """Return the baseline: everything by an artist among the seeds comes first; then, as before it, what is popular."""
    made, popular = artists(recordings), popularity(recordings)
    return Weighed(recordings, lambda seeds: np.sign(cosines(seeds, made)) + popular)
