"""Clicks: how often a listener asks for ten more before the first hit appears."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

PAGE = 10


def clicks(ranked: NDArray[Any], hidden: NDArray[Any], at: int) -> float:
    """Return ⌊(rank of the first hit - 1) / 10⌋; one more than is possible, ``at / 10 + 1``, if there is none.

    As in the RecSys Challenge 2018, where `at` is 500 and a list without a hit counts 51. Lower is better.
    """
    places = np.flatnonzero(np.isin(ranked[:at], hidden))
    return float(places[0] // PAGE) if len(places) else at / PAGE + 1
