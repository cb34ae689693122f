"""Bounds of cosines from half a byte for each dimension: the vector approximation of Weber, Schek and Blott (1998)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segue.models.vectors import Vectors

CELLS = 16
ROWS_AT_ONCE = 64
OUTSIDE = 0.04
"""Share of the values of a dimension that lie in each of its two outer cells, which have no end."""
SAMPLE = 16
"""One row in so many tells where the cells are."""
UNIT = 0.0016
"""Of squared distances in a dimension."""
MOST = 255
"""Units from which on all distances are alike: faiss counts with a byte."""
MARGIN = 1e-6
"""More than what rounding moves a value across the edge of a cell."""


class VectorApproximation:
    """Finds the rows that may be the most similar to a vector, and bounds the cosines of all others.

    Each dimension is divided into cells. A vector is at least as far from a row as from the box of cells that the row
    lies in; how far it is from each cell is looked up. faiss adds up what was looked up for many rows at once.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, d)
        Rows no longer than 1; of at most 256 dimensions.
    """

    def __init__(self, vectors: Vectors) -> None:
        import faiss

        n, d = vectors.shape
        low, high = np.quantile(vectors[::SAMPLE], (OUTSIDE, 1 - OUTSIDE), axis=0).astype(np.float32)
        width = np.maximum((high - low) / (CELLS - 2), MARGIN)
        edges = (low + np.arange(CELLS - 1)[:, None] * width).T
        endless = np.full((d, 1), np.inf)
        self._lower = np.hstack([-endless, edges - MARGIN]).astype(np.float32)
        self._upper = np.hstack([edges + MARGIN, endless]).astype(np.float32)
        # Pairs of dimensions share a byte. After the last one all rows lie in the first cell, which counts most there:
        # so the table reaches from 0 to `MOST`, and faiss has nothing to scale.
        self._table = np.zeros(((d + 2) // 2 * 2, CELLS), np.float32)
        self._table[-1, 0] = MOST
        cells = np.zeros((n, len(self._table)), np.uint8)
        cells[:, :d] = np.clip((vectors - low) / width + 1, 0, CELLS - 1)
        quantizer = faiss.IndexPQ(self._table.size, len(self._table), 4, faiss.METRIC_INNER_PRODUCT)
        # With unit vectors for centroids, the inner products of a query with them are what it consists of: any table.
        centroids = np.tile(np.eye(CELLS, dtype=np.float32).ravel(), len(self._table))
        faiss.copy_array_to_vector(centroids, quantizer.pq.centroids)
        quantizer.is_trained = True
        quantizer.add_sa_codes(cells[:, ::2] | cells[:, 1::2] << 4)
        self._index = faiss.IndexPQFastScan(quantizer, ROWS_AT_ONCE)  # type: ignore[arg-type]  # stubs know one signature

    def search(self, vector: Vectors, k: int) -> tuple[NDArray[np.int64], float]:
        """Return the `k` rows with the highest bounds, in no order, and what the cosines of no others exceed.

        Parameters
        ----------
        vector : ndarray of float32, shape (d,)
            No longer than 1.
        k : int
            At most n.
        """
        at = vector[:, None]
        gap = at - np.minimum(np.maximum(at, self._lower), self._upper)
        table = self._table.copy()
        # Whole numbers, rounded so that what they say of a distance is no more than it is.
        table[: len(vector)] = np.ceil(np.maximum(MOST - gap * gap * (1 / UNIT), 0))
        sums, rows = self._index.search(table.reshape(1, -1), k)
        farther = MOST * (len(vector) + 1) - float(sums[0, -1])
        return rows[0], 1 - farther * UNIT / 2
