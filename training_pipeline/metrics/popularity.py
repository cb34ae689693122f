"""Popularity: whether a list is hits or rarities."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def mean_popularity(ranked: NDArray[np.intp], percentiles: NDArray[np.floating[Any]], at: int) -> float:
    """Return the mean popularity percentile of the first `at` of `ranked`, 0 to 1; NaN if none is known.

    Parameters
    ----------
    ranked : ndarray of int
        Rows, the best first.
    percentiles : ndarray, shape (n,)
        The share of the same crawl that is less popular, for each row; NaN where it is not known.
    at : int
        How much of the list counts.
    """
    known = percentiles[ranked[:at]]
    known = known[~np.isnan(known)]
    return float(known.mean()) if len(known) else float("nan")
