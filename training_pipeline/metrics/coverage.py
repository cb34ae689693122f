"""Catalog coverage: how much of the catalog anybody gets to hear."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def coverage(lists: Iterable[NDArray[np.intp]], n_candidates: int) -> float:
    """Return the share of the `n_candidates` recordings that are on at least one of `lists`, 0 to 1.

    It grows with the number of lists, so only figures over the same playlists can be compared.
    """
    return len(np.unique(np.concatenate([np.empty(0, np.intp), *lists]))) / n_candidates
