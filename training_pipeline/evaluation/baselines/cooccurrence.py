"""Item co-occurrence: what playlists put beside the seeds, weighed by BM25."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp

from segue.models.spaces.colisten.playlists import Playlists
from training_pipeline.evaluation.baselines.baseline import Baseline, Block, Weighed
from training_pipeline.holdout import Rows

K1 = 1.2
B = 0.75


def fit(recordings: pd.DataFrame, playlists: Sequence[Rows]) -> Baseline:
    """Return the baseline."""
    return Weighed(recordings, block(playlists, len(recordings)))


def block(playlists: Sequence[Rows], n: int) -> Block:
    """Return what scores `n` recordings by how often they are on playlists with the seeds.

    Okapi BM25 (Robertson and Zaragoza 2009, "The probabilistic relevance framework") with recordings for documents
    and playlists for terms: being together on a short playlist says more than on a long one, and a recording that is
    on every playlist goes with nothing in particular. Two recordings are as alike as the product of their weights.
    """
    weights = _bm25(Playlists.of(playlists, n).matrix)
    return lambda seeds: ((seeds @ weights) @ weights.T).toarray()


def _bm25(on: sp.csr_array) -> sp.csr_array:
    lengths = np.asarray(on.sum(axis=1)).ravel()
    counts = np.asarray(on.sum(axis=0)).ravel()
    relative = counts / max(counts[counts > 0].mean() if on.nnz else 1.0, 1e-9)
    saturated = (K1 + 1) / (1 + K1 * (1 - B + B * relative))
    rarity = np.log(on.shape[1] / (lengths + 0.5))
    return sp.csr_array(sp.diags_array(saturated.astype(np.float32)) @ on.T @ sp.diags_array(rarity.astype(np.float32)))
