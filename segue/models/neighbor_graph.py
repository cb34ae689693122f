"""The neighbor graph: for each recording the nearest others in a space, exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from joblib import Parallel, cpu_count, delayed
from numpy.typing import NDArray
from sklearn.utils import gen_batches
from threadpoolctl import threadpool_limits

from segue.console import track_progress
from segue.models.nearest import ROUNDING, NearestRows, exact_products

# Neighbors found beyond k in single precision, so that rounding cannot push a true one out.
SPARE = 4
ROWS_AT_ONCE = 1024


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
    # Above this many rows faiss multiplies in blocks by BLAS: five times faster than its own loop. Products of so many
    # queries with so many vectors stay in a core's own cache until the largest are chosen.
    faiss.cvar.distance_compute_blas_threshold = 20
    faiss.cvar.distance_compute_blas_query_bs = 256
    faiss.cvar.distance_compute_blas_database_bs = 512
    return index


def in_blocks(work: Callable[[slice], None], n: int, rows_at_once: int, description: str) -> None:
    """Do some work for each block of `n` rows: on all cores, but each with one thread of its own.

    Threads that share the work of one small product spend longer waiting for one another than working.
    """
    blocks = list(gen_batches(n, rows_at_once))
    with threadpool_limits(1):
        done = Parallel(cpu_count(), prefer="threads", return_as="generator")(delayed(_alone)(work, b) for b in blocks)
        for _ in track_progress(done, description, len(blocks)):
            pass


def _alone(work: Callable[[slice], None], block: slice) -> None:
    import faiss

    # OpenMP counts for each thread how many others it may call.
    faiss.omp_set_num_threads(1)
    work(block)


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
    precision. Rows where that margin does not settle the matter (many copies of one vector) are searched one by one.
    """
    n = len(vectors)
    k = min(k, n - 1)
    index, one_by_one = inner_product_index(vectors), NearestRows(vectors)
    graph = NeighborGraph(np.empty((n, k), np.int32), np.empty((n, k), np.float32))

    def find(block: slice) -> None:
        rows = np.arange(n)[block]
        found, candidates = index.search(vectors[rows], min(k + 1 + SPARE, n))
        exact = exact_products(vectors[rows, None], vectors[candidates])
        graph.indices[rows], graph.similarities[rows] = _nearest(rows, candidates, exact, k)
        if candidates.shape[1] < n:
            for row in rows[graph.similarities[rows, -1] <= found[:, -1] + ROUNDING]:
                others, near = one_by_one.search(vectors[row], k + 1)
                kept = np.flatnonzero(others != row)[:k]
                graph.indices[row], graph.similarities[row] = others[kept], near[kept]

    in_blocks(find, n, ROWS_AT_ONCE, "Finding neighbors")
    return graph


def _nearest(
    rows: NDArray[Any], candidates: NDArray[Any], similarities: NDArray[np.float64], k: int
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return the first `k` candidates by similarity, then by row, without the row itself."""
    similarities = np.where(candidates == rows[:, None], -np.inf, similarities)
    order = np.lexsort((candidates, -similarities), axis=1)[:, :k]
    return np.take_along_axis(candidates, order, axis=1), np.take_along_axis(similarities, order, axis=1)
