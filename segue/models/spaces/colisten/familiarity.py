"""How often a recording is on playlists, and how often its kind is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segue.models.spaces.colisten.playlists import Playlists
from segue.models.spaces.density_ratio import DensityRatioSpace
from segue.models.spaces.popularity import PopularitySpace
from segue.models.vectors import Sparse, Vectors, ranks

COUNTS = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89)
OTHERS = (0.5, 1.5, 3, 6, 12, 25, 50, 100, 200, 400, 800)
BIN = 0.4
REGULARIZATION = 10.0


class CountSpace(DensityRatioSpace):
    """Bins of the number of playlists that a recording is on: some listeners keep to what everybody plays."""

    def __init__(self, n_bins: int = len(COUNTS) + 1, smoothing: float = 0.5, background: float = 0.1) -> None:
        super().__init__(n_bins, smoothing, background)

    def fit(self, playlists: Playlists) -> CountSpace:
        """Count."""
        self.place(np.digitize(playlists.counts, COUNTS))
        return self


@dataclass(frozen=True)
class KindInputs:
    """What kind a recording is, as far as no playlist has a say in it: worked out once for every `KindSpace`.

    Attributes
    ----------
    vectors : ndarray of float32, shape (n, d)
        Content, and the bin of the popularity.
    gram : ndarray of float32, shape (d, d)
        Their products.
    """

    vectors: Vectors
    gram: Vectors

    @classmethod
    def of(cls, content: Vectors, popularity: PopularitySpace) -> KindInputs:
        """Put content and popularity side by side."""
        bins = np.eye(popularity.n_bins, dtype=np.float32)[popularity.places_]
        vectors = np.concatenate([content, bins], axis=1)
        return cls(vectors, vectors.T @ vectors)


class KindSpace(DensityRatioSpace):
    """Bins of the number of playlists that a recording like this is on, for those that are on none.

    It is predicted from content, popularity and the counts of the artist's other recordings; only its rank counts.
    """

    def __init__(self, n_bins: int = 21, smoothing: float = 1.0, background: float = 0.1) -> None:
        super().__init__(n_bins, smoothing, background)

    def fit(self, playlists: Playlists, inputs: KindInputs, popularity: PopularitySpace, credited: Sparse) -> KindSpace:
        """Learn what kind of recordings playlists hold: by ridge regression, with the logarithm of their counts."""
        others = playlists.counts_of_others(credited)
        log_others = np.log1p(others)
        learned = np.column_stack(
            [np.eye(len(OTHERS) + 1)[np.digitize(others, OTHERS)], log_others * popularity.log_ranks]
        ).astype(np.float32)
        counts = np.log1p(playlists.counts).astype(np.float32)
        cross = inputs.vectors.T @ learned
        gram = np.block([[inputs.gram, cross], [cross.T, learned.T @ learned]]).astype(np.float64)
        targets = np.concatenate([inputs.vectors.T @ counts, learned.T @ counts])
        solved = np.linalg.solve(gram + REGULARIZATION * np.eye(len(gram)), targets).astype(np.float32)
        predicted = inputs.vectors @ solved[: len(cross)] + learned @ solved[len(cross) :]
        self.place(np.minimum(-np.log(1 - ranks(predicted)) / BIN, self.n_bins - 1).astype(int))
        return self
