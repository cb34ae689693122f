"""KNN regressor on nine audio features: what the neighbors of a recording are worth to a listener."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.preprocessing import normalize

from segue.groups import GRADUAL_FEATURES
from segue.models.neighbor_graph import nearest_neighbors
from training_pipeline.evaluation.baselines.baseline import Baseline, Weighed
from training_pipeline.evaluation.blocks import audio
from training_pipeline.holdout import Rows

NEIGHBORS = 50


def fit(recordings: pd.DataFrame, playlists: Sequence[Rows]) -> Baseline:  # noqa: ARG001 - of the protocol
    """Return the baseline.

    A `KNeighborsRegressor` over the whole catalog whose target is a listener's preference for their seeds and 0 for
    everything else. The neighbors are the same for everybody, so a prediction is a row of the neighbor graph times
    the preferences. Most recordings have no seed for a neighbor and score 0.
    """
    vectors = np.asarray(normalize(audio(recordings, GRADUAL_FEATURES)), dtype=np.float32)
    graph = nearest_neighbors(vectors, min(NEIGHBORS, len(vectors) - 1))
    weights = np.maximum(graph.similarities, 0)
    weights = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    starts = np.arange(0, graph.indices.size + 1, graph.indices.shape[1])
    mean = sp.csr_array((weights.ravel(), graph.indices.ravel(), starts), shape=(len(vectors), len(vectors)))
    return Weighed(recordings, lambda seeds: (seeds @ mean.T).toarray())
