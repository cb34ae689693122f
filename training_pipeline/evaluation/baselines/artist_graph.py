"""The graph of artists: who is on the same playlists as the artists of the seeds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from segue.models.spaces.colisten.playlists import Playlists
from training_pipeline.evaluation.baselines.baseline import Block, Scores
from training_pipeline.evaluation.blocks import unit
from training_pipeline.holdout import Rows


def block(made: sp.csr_array, playlists: Sequence[Rows]) -> Block:
    """Return what scores recordings by the playlists that their artists and the seeds' artists are on.

    It is the root of the mean cosine: the tenth seed of an artist's neighborhood adds less than the first.

    Parameters
    ----------
    made : sparse array, shape (n, artists)
        Who made each recording, as unit rows.
    playlists : sequence of ndarray of int
        The rows on each.
    """
    on = (Playlists.of(playlists, made.shape[0]).matrix @ made).sign()
    artists = unit(sp.csr_array(on.T))

    def score(seeds: sp.csr_array) -> Scores:
        near = artists @ ((seeds @ made) @ artists).T.toarray()
        roots = np.sqrt(np.abs(near)) * np.sign(near)
        return np.asarray((made @ roots).T, dtype=np.float32)

    return score
