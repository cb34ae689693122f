"""The popularity space: how well known a recording is."""

from __future__ import annotations

import numpy as np

from segue.models.catalog_rows import CatalogRows
from segue.models.spaces.density_ratio import DensityRatioSpace
from segue.models.vectors import ranks

BIN = 0.3
"""Width of a bin in -log(1 - percentile): fine where the hits are, coarse below."""


class PopularitySpace(DensityRatioSpace):
    """Logarithmic bins of the percentile. Unknown popularity is the mean of the artist's others, else the median.

    Attributes
    ----------
    percentiles_ : ndarray of float32, shape (n,)
        Share of the catalog that is less popular.
    """

    def __init__(self, n_bins: int = 25, smoothing: float = 2.0, background: float = 0.05) -> None:
        super().__init__(n_bins, smoothing, background)

    def fit(self, recordings: CatalogRows) -> PopularitySpace:
        """Place the recordings by their popularity."""
        known = recordings.frame["popularity"].astype("float64").to_numpy(na_value=np.nan)
        values = recordings.filled_by_artist(known)
        median = 0.0 if np.isnan(values).all() else np.nanmedian(values)
        percentiles = ranks(np.nan_to_num(values, nan=float(median)))
        self.percentiles_ = percentiles.astype(np.float32)
        self.place(np.minimum(self.log_ranks / BIN, self.n_bins - 1).astype(int))
        return self

    @property
    def log_ranks(self) -> np.ndarray:
        """-log of the share that is more popular: 0 at the bottom, 12 for the first of 165,000."""
        return np.asarray(-np.log(1 - self.percentiles_.astype(np.float64)))
