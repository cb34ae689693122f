"""Distinct artists: whether a list is more than one artist's works."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def distinct_artists(ranked: NDArray[np.intp], artists: NDArray[Any], at: int) -> float:
    """Return how many different first artists there are among the first `at` of `ranked`; `artists` has one per row."""
    return float(len(np.unique(artists[ranked[:at]])))
