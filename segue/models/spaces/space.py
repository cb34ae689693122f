"""What every space can do."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segue.models.vectors import Sparse, Vectors


class Space(Protocol):
    """A way to place recordings."""

    def scores(self, weights: Sparse) -> Vectors:
        """Return how near each recording is to each listener.

        Parameters
        ----------
        weights : sparse array, shape (q, n)
            The preferences of each listener, as `segue.models.vectors.seed_weights` gives them.

        Returns
        -------
        ndarray of float32, shape (q, n)
            Higher is nearer. A fresh array: the caller may write into it.
        """

    def terms(self, seeds: NDArray[np.intp], weights: Vectors, rows: NDArray[np.intp]) -> Vectors:
        """Return what each seed adds to the scores of `rows`, shape (len(rows), len(seeds)): they sum to the score."""
