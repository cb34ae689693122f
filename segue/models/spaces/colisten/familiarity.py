"""How often a recording is on playlists, and how often its kind is."""

from __future__ import annotations

import numpy as np

from segue.models.spaces.colisten.embedding import ridge
from segue.models.spaces.colisten.playlists import Playlists
from segue.models.spaces.density_ratio import DensityRatioSpace
from segue.models.spaces.popularity import PopularitySpace
from segue.models.vectors import Sparse, Vectors, ranks

COUNTS = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89)
OTHERS = (0.5, 1.5, 3, 6, 12, 25, 50, 100, 200, 400, 800)
BIN = 0.4


class CountSpace(DensityRatioSpace):
    """Bins of the number of playlists that a recording is on: some listeners keep to what everybody plays."""

    def __init__(self, n_bins: int = len(COUNTS) + 1, smoothing: float = 0.5, background: float = 0.1) -> None:
        super().__init__(n_bins, smoothing, background)

    def fit(self, playlists: Playlists) -> CountSpace:
        """Count."""
        self.place(np.digitize(playlists.counts, COUNTS))
        return self


class KindSpace(DensityRatioSpace):
    """Bins of the number of playlists that a recording like this is on, for those that are on none.

    It is predicted from content, popularity and the counts of the artist's other recordings; only its rank counts.
    """

    def __init__(self, n_bins: int = 21, smoothing: float = 1.0, background: float = 0.1) -> None:
        super().__init__(n_bins, smoothing, background)

    def fit(self, playlists: Playlists, content: Vectors, popularity: PopularitySpace, credited: Sparse) -> KindSpace:
        """Learn what kind of recordings playlists hold."""
        others = playlists.counts_of_others(credited)
        log_others = np.log1p(others)
        inputs = np.concatenate(
            [
                content,
                np.eye(popularity.n_bins)[popularity.places_],
                np.eye(len(OTHERS) + 1)[np.digitize(others, OTHERS)],
                (log_others * popularity.log_ranks)[:, None],
            ],
            axis=1,
        ).astype(np.float32)
        outputs = np.log1p(playlists.counts).astype(np.float32)[:, None]
        predicted = (inputs @ ridge(inputs, outputs, 10.0, np.ones((1, 1), np.float32)))[:, 0]
        self.place(np.minimum(-np.log(1 - ranks(predicted)) / BIN, self.n_bins - 1).astype(int))
        return self
