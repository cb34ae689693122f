"""The neighbor graph: for each recording the nearest others in a space, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from segue.console import track_progress

# Neighbors found beyond k in single precision, so that rounding cannot push a true one out.
SPARE = 16
ROWS_AT_ONCE = 8192
# More than the error of a product of unit vectors in single precision.
ROUNDING = 1e-5


@dataclass(frozen=True)
class NeighborGraph:
    """A sparse matrix of similarities, as two arrays.

    Attributes
    ----------
    indices : ndarray of int32, shape (n, k)
        Rows of the nearest others, the nearest first; of equally near ones the lower row first.
    similarities : ndarray of float32, shape (n, k)
        Their cosines, -1 to 1.
    """

    indices: NDArray[np.int32]
    similarities: NDArray[np.float32]


def keep_nearest(similarities: Any, k: int) -> Any:
    """Return a sparse matrix with the `k` largest entries of each row; of equal ones those of the lower columns."""
    entries = similarities.tocoo()
    kept = nearest_entries(entries.row, entries.col, entries.data, k)
    return sp.csr_array((entries.data[kept], (entries.row[kept], entries.col[kept])), shape=similarities.shape)


def nearest_entries(rows: NDArray[Any], columns: NDArray[Any], similarities: NDArray[Any], k: int) -> NDArray[np.intp]:
    """Return the places of the `k` largest entries of each row: by row, the largest first, then the lower column."""
    order = np.lexsort((columns, -similarities, rows))
    ordered = rows[order]
    return order[np.arange(len(order)) - np.searchsorted(ordered, ordered) < k]


def inner_product_index(vectors: NDArray[np.float32]) -> Any:
    """Return a faiss index that compares with every row of `vectors`, set up to do it fast."""
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors))
    # Above this many rows faiss multiplies in blocks by BLAS: five times faster than its own loop. Fewer, larger
    # blocks of the catalog make threads wait less for one another: on two, a third less CPU time for 28,000 rows.
    faiss.cvar.distance_compute_blas_threshold = 20
    faiss.cvar.distance_compute_blas_query_bs = 1024
    faiss.cvar.distance_compute_blas_database_bs = 16384
    return index


def nearest_neighbors(vectors: NDArray[np.float32], k: int) -> NeighborGraph:
    """Find the `k` nearest others of each row: exact in double precision, and the same on every run.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, d)
        Unit rows (or zero rows, which are equally far from everything).
    k : int
        How many, at least 1; where there are fewer others, all of them.

    Notes
    -----
    An inner-product search in single precision finds a few more than k; their products are then taken anew in double
    precision. Rows where that margin does not settle the matter (many copies of one vector) are compared with all.
    """
    n = len(vectors)
    k = min(k, n - 1)
    index = inner_product_index(vectors)
    graph = NeighborGraph(np.empty((n, k), np.int32), np.empty((n, k), np.float32))
    wide = vectors.astype(np.float64)
    starts = range(0, n, ROWS_AT_ONCE)
    for start in track_progress(starts, "Finding neighbors", len(starts)):
        rows = np.arange(start, min(start + ROWS_AT_ONCE, n))
        found, candidates = index.search(vectors[rows], min(k + 1 + SPARE, n))
        similarities = np.einsum("qd,qcd->qc", wide[rows], wide[candidates])
        graph.indices[rows], graph.similarities[rows] = _nearest(rows, candidates, similarities, k)
        if candidates.shape[1] < n:
            unsettled = rows[graph.similarities[rows, -1] <= found[:, -1] + ROUNDING]
            _compare_with_all(wide, unsettled, graph)
    return graph


def _compare_with_all(wide: NDArray[np.float64], rows: NDArray[Any], graph: NeighborGraph) -> None:
    everything = np.arange(len(wide))[None, :]
    for row in rows:
        # The same sum in the same order as above, so that copies of a vector are exactly as near.
        similarities = np.einsum("qd,qcd->qc", wide[[row]], wide[None, :, :])
        nearest = _nearest(np.array([row]), everything, similarities, graph.indices.shape[1])
        graph.indices[row], graph.similarities[row] = nearest[0][0], nearest[1][0]


def _nearest(
    rows: NDArray[Any], candidates: NDArray[Any], similarities: NDArray[np.float64], k: int
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return the first `k` candidates by similarity, then by row, without the row itself."""
    similarities = np.where(candidates == rows[:, None], -np.inf, similarities)
    order = np.lexsort((np.broadcast_to(candidates, similarities.shape), -similarities), axis=1)[:, :k]
    return (
        np.take_along_axis(np.broadcast_to(candidates, similarities.shape), order, axis=1),
        np.take_along_axis(similarities, order, axis=1),
    )
