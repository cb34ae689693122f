"""The rows that are nearest to one vector: all are looked at, in less than a millisecond for some 100,000."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segue.models.vectors import Vectors

ROUNDING = 1e-5
"""More than the error of a product of unit vectors in single precision."""
GROUP = 64
TILE = 8192
"""Numbers that are multiplied at once: from 9216 on OpenBLAS calls threads, and waits longer for them than it works."""


class NearestRows:
    """Finds the nearest rows to any vector by cosine, exactly.

    With the dozen dimensions that sound has, a search tree is of no use: the sphere around a song that holds its fifty
    nearest ones reaches into a third of the leaves, and to visit these one by one takes longer than a product with
    everything. What takes time is to choose among the products. At least k of them reach the k-th largest of the maxima
    of groups, which is found at a glance; what does is no more than a few times k, and is compared in double precision.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, d)
        Unit rows (or zero rows, which are equally far from everything).
    """

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors
        n, d = vectors.shape
        width = -(-TILE // d)
        padded = np.zeros((-(-n // width), width, d), np.float32)
        padded.reshape(-1, d)[:n] = vectors
        # By columns, as a vector is multiplied with long ones three times as fast as with short rows.
        self._tiles = np.ascontiguousarray(padded.transpose(0, 2, 1))

    def search(self, vector: Vectors, k: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return the `k` nearest rows and their cosines, the nearest first; of equally near ones the lower row first.

        Parameters
        ----------
        vector : ndarray of float32, shape (d,)
            Of length 1.
        k : int
            At least 1; where there are fewer rows, all of them.
        """
        near = (vector @ self._tiles).ravel()[: len(self._vectors)]
        found = np.flatnonzero(near >= _reached_by(near, k) - ROUNDING)
        exact = exact_products(vector, self._vectors[found])
        order = np.argsort(-exact, kind="stable")[:k]
        return found[order], exact[order]


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
