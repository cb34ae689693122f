"""ALS: what playlists have in common, as a few factors; a listener is folded in from their seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segue.models.spaces.colisten.playlists import Playlists
from training_pipeline.evaluation.baselines.baseline import Baseline, Weighed
from training_pipeline.holdout import Rows

if TYPE_CHECKING:
    import scipy.sparse as sp

FACTORS = 32
CONFIDENCE = 20.0
PENALTY = 1.0
ROUNDS = 8
# Floats gathered at once: 64 MB.
AT_ONCE = 8_000_000
Array = NDArray[np.floating[Any]]


def fit(recordings: pd.DataFrame, playlists: Sequence[Rows]) -> Baseline:
    """Return the baseline."""
    return Weighed(recordings, factorize(playlists, len(recordings)).fold_in)


@dataclass(frozen=True)
class Factors:
    """What playlists have in common.

    Attributes
    ----------
    known : ndarray of int, shape (m,)
        The rows that are on a playlist.
    items : ndarray of float64, shape (m, FACTORS)
        Their factors.
    counts : ndarray of numbers, shape (m,)
        On how many playlists they are.
    """

    known: Rows
    items: Array
    counts: NDArray[Any]

    def fold_in(self, seeds: sp.csr_array) -> NDArray[np.float32]:
        """Return scores, shape (queries, n): those of a playlist of the seeds; 0 for what is on no playlist."""
        scores = np.zeros(seeds.shape, np.float32)
        scores[:, self.known] = solve(seeds[:, self.known], self.items) @ self.items.T
        return scores


def factorize(playlists: Sequence[Rows], n: int) -> Factors:
    """Return the factors of those of `n` recordings that are on a playlist.

    Alternating least squares for implicit feedback (Hu, Koren, Volinsky 2008, "Collaborative filtering for implicit
    feedback datasets"), from factors drawn with a fixed seed.
    """
    on = Playlists.of(playlists, n)
    known = on.known
    seen = on.matrix[:, known]
    items: Array = np.random.default_rng(0).normal(0, 0.1, (len(known), FACTORS))
    for _ in range(ROUNDS):
        items = solve(seen.T.tocsr(), solve(seen, items))
    return Factors(known, items, on.counts[known])


def solve(on: sp.csr_array, others: Array) -> Array:
    """Return the factors of each row of `on` that explain best what is on it, given the factors of its columns.

    (YᵀY + λI + α Σ y yᵀ)⁻¹ (1 + α) Σ y, the sums over what is on the row; 0 where nothing is.
    """
    width = others.shape[1]
    gram = others.T @ others + PENALTY * np.eye(width)
    solved = np.zeros((on.shape[0], width))
    lengths = np.diff(on.indptr)
    for length in np.unique(lengths[lengths > 0]):
        # Rows of the same length are one array, which numpy solves at once.
        rows = np.flatnonzero(lengths == length)
        for part in np.array_split(rows, 1 + len(rows) * int(length) * width // AT_ONCE):
            listed = others[on.indices[on.indptr[part][:, None] + np.arange(length)]]
            left = gram + CONFIDENCE * (listed.transpose(0, 2, 1) @ listed)
            right = (1 + CONFIDENCE) * listed.sum(axis=1)
            solved[part] = np.linalg.solve(left, right[..., None])[..., 0]
    return solved
