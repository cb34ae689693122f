"""Predicted co-listening: the playlists that a recording would be on, by what the catalog says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import Ridge
from sklearn.preprocessing import normalize

from training_pipeline.evaluation.blocks import Vectors

if TYPE_CHECKING:
    from training_pipeline.evaluation.baselines.als import Factors

PENALTY = 1.0
TOLERANCE = 1e-3


def predicted_factors(content: Mapping[str, Vectors | sp.csr_array], factors: Factors) -> Vectors:
    """Return unit rows of the factors of playlists that ridge regression predicts, for every recording.

    Parameters
    ----------
    content : mapping of str to matrix, shape (n, any)
        What the catalog says of each recording, as unit rows.
    factors : Factors
        Of the recordings that are on playlists.
    """
    inputs = sp.hstack([sp.csr_array(block) for block in content.values()], format="csr")
    outputs = normalize(factors.items)
    ridge = Ridge(PENALTY, solver="sparse_cg", tol=TOLERANCE)
    # The factors of what is on many playlists are known better.
    ridge.fit(inputs[factors.known], outputs, sample_weight=factors.counts)
    return np.asarray(normalize(ridge.predict(inputs)), dtype=np.float32)
