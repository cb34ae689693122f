"""NDCG: finding, and finding early."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def ndcg(ranked: NDArray[Any], hidden: NDArray[Any], at: int) -> float:
    """Return the normalized discounted cumulative gain of the first `at` of `ranked`, 0 to 1.

    A hit at place i gains 1 / log2(i + 1); the sum is divided by that of a list which begins with the
    ``min(len(hidden), at)`` hits that are possible. So does the program that scored the RecSys Challenge 2018
    (Spotify, C. De Boom), and its published results with it. The challenge's rules print another form, log2(i) from
    the second place on and an ideal list as long as the hits that were found, in which a list with one early hit is
    perfect.
    """
    gains = 1 / np.log2(np.arange(2, at + 2))
    found = np.isin(ranked[:at], hidden)
    return float(gains[: len(found)][found].sum() / gains[: min(len(hidden), at)].sum())
