"""The rows that are nearest to one vector, exactly: in a fraction of a millisecond among some 100,000."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segue.models.approximation import VectorApproximation
from segue.models.vectors import Vectors

ROUNDING = 1e-5
"""More than the error of a product of unit vectors in single precision."""
GROUP = 64
TILE = 8192
"""Numbers that are multiplied at once: from 9216 on OpenBLAS calls threads, and waits longer for them than it works."""
WORTHWHILE = 10_000
"""Among fewer rows a product with all of them is as fast as an approximation."""
DIMENSIONS = 32
"""With more of them, too many rows may be near for all that an approximation tells."""
CANDIDATES = 7
"""For each of the nearest rows: with 13 dimensions, so many may be near for 19 songs in 20."""


class NearestRows:
    """Finds the nearest rows to any vector by cosine, exactly.

    With the dozen dimensions that sound has, a search tree is of no use: the sphere around a song that holds its fifty
    nearest ones reaches into a third of the leaves, and to visit these one by one takes longer than a product with
    everything. A product spends its time reading all rows. Their approximation is an eighth of that; only what may be
    among the nearest by it is compared, in double precision. Where too many may, there is a product after all.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, d)
        Unit rows (or zero rows, which are equally far from everything).
    """

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors
        self._approximation: VectorApproximation | None = None
        self._searched = False

    def search(self, vector: Vectors, k: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return the `k` nearest rows and their cosines, the nearest first; of equally near ones the lower row first.

        Parameters
        ----------
        vector : ndarray of float32, shape (d,)
            Of length 1.
        k : int
            At least 1; where there are fewer rows, all of them.
        """
        n, d = self._vectors.shape
        if self._searched and n >= max(WORTHWHILE, CANDIDATES * k) and d <= DIMENSIONS:
            # Not for the first vector: to load faiss takes as long as some hundred products.
            if self._approximation is None:
                self._approximation = VectorApproximation(self._vectors)
            candidates, bound = self._approximation.search(vector, CANDIDATES * k)
            candidates.sort()
            rows, cosines = self._nearest(vector, candidates, k)
            if cosines[-1] > bound + ROUNDING:
                return rows, cosines
        self._searched = True
        products = self._products(vector)
        return self._nearest(vector, np.flatnonzero(products >= _reached_by(products, k) - ROUNDING), k)

    def _products(self, vector: Vectors) -> Vectors:
        n, d = self._vectors.shape
        rows = -(-TILE // d)
        tiled = n - n % rows
        tiles = self._vectors[:tiled].reshape(-1, rows, d)
        return np.concatenate([(tiles @ vector).ravel(), self._vectors[tiled:] @ vector])

    def _nearest(
        self, vector: Vectors, candidates: NDArray[np.intp], k: int
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return the nearest `k` of the candidates, which are sorted."""
        cosines = exact_products(vector, self._vectors.take(candidates, axis=0))
        order = (-cosines).argsort(kind="stable")[:k]
        return candidates[order], cosines[order]


def exact_products(vectors: Vectors, others: Vectors) -> NDArray[np.float64]:
    """Return the products of vectors (… , d) with `others` in double precision; copies of a vector have the same."""
    return np.asarray(np.einsum("...d,...d->...", vectors.astype(np.float64), others.astype(np.float64)))


def _reached_by(values: Vectors, k: int) -> float:
    """Return something that at least `k` of the values reach, and few more: the k-th largest of maxima of groups."""
    whole = len(values) - len(values) % GROUP
    maxima = np.concatenate([values[:whole].reshape(GROUP, -1).max(axis=0), values[whole:]])
    if k > len(maxima):
        return float(values.min())
    return float(np.partition(maxima, len(maxima) - k)[len(maxima) - k])
