"""Random: what chance finds."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import pandas as pd

from segue.models.recommender import Query
from training_pipeline.evaluation.baselines.baseline import Baseline, Scores
from training_pipeline.holdout import Rows


class RandomOrder(Baseline):
    """Every recording is as likely as every other; the same seeds always get the same list."""

    def scores(self, queries: Sequence[Query]) -> Scores:
        """Return a random number for each query and recording."""
        return np.stack([self._one(query) for query in queries])

    def _one(self, query: Query) -> Scores:
        generator = np.random.default_rng(zlib.crc32(np.sort(query.seeds).tobytes()))
        return generator.random(len(self.track_ids), dtype=np.float32)


def fit(recordings: pd.DataFrame, playlists: Sequence[Rows]) -> Baseline:  # noqa: ARG001 - of the protocol
    """Return the baseline."""
    return RandomOrder(recordings)
