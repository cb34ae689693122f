"""Intra-list similarity: whether a list says the same thing over and over."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def intra_list_similarity(ranked: NDArray[np.intp], vectors: NDArray[np.floating[Any]], at: int) -> float:
    """Return the mean cosine of all pairs among the first `at` of `ranked`, -1 to 1; NaN for fewer than two.

    The idea of Ziegler et al. 2005, "Improving recommendation lists through topic diversification", as a mean.

    Parameters
    ----------
    ranked : ndarray of int
        Rows, the best first.
    vectors : ndarray, shape (n, d)
        Unit rows.
    at : int
        How much of the list counts.
    """
    listed = vectors[ranked[:at]].astype(np.float64)
    n = len(listed)
    if n < 2:  # noqa: PLR2004 - a pair
        return float("nan")
    # |Σ v|² holds every pair twice, and each vector with itself once.
    total = listed.sum(axis=0)
    return float((total @ total - (listed * listed).sum()) / (n * (n - 1)))
