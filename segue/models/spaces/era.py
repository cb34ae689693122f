"""The era space: when a recording was released."""

from __future__ import annotations

import numpy as np

from segue.models.catalog_rows import CatalogRows
from segue.models.spaces.density_ratio import DensityRatioSpace

FIRST_YEAR = 1930
YEARS_A_BIN = 2
N_BINS = 48


class EraSpace(DensityRatioSpace):
    """Bins of two years. Where the year is not known, the mean of the artist's other recordings stands for it."""

    def __init__(self, n_bins: int = N_BINS, smoothing: float = 1.0, background: float = 0.1) -> None:
        super().__init__(n_bins, smoothing, background)

    def fit(self, recordings: CatalogRows) -> EraSpace:
        """Place the recordings by their years."""
        years = recordings.filled_by_artist(recordings.frame["year"].astype("float64").to_numpy(na_value=np.nan))
        bins = ((np.nan_to_num(years, nan=FIRST_YEAR) - FIRST_YEAR) // YEARS_A_BIN).clip(0, self.n_bins - 1)
        self.place(np.where(np.isnan(years), -1, bins).astype(int))
        return self
