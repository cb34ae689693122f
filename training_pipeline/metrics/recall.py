"""Recall: the share of the hidden recordings that is found."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def recall(ranked: NDArray[Any], hidden: NDArray[Any], at: int) -> float:
    """Return the share of `hidden` among the first `at` of `ranked`, 0 to 1.

    Parameters
    ----------
    ranked : ndarray, shape (n,)
        Recommended recordings, the best first.
    hidden : ndarray, shape (m,), m > 0
        The recordings to find.
    at : int
        How much of the list counts.
    """
    return float(np.isin(hidden, ranked[:at]).mean())
