"""Small operations on dense and sparse vectors that several spaces need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.preprocessing import normalize

from segue.models.recommender import Query

Vectors = NDArray[np.float32]
# Listeners x recordings: with up to 128 dimensions OpenBLAS uses no threads.
TILE = (16, 128)
Sparse = Any  # a scipy.sparse.csr_array of float32; scipy has no types


def unit_rows(vectors: Any) -> Any:
    """Return rows of length 1, float32; zero rows stay zero."""
    return normalize(vectors).astype(np.float32)


def dense(matrix: Any) -> Any:
    """Return a matrix as an array, whether it is sparse or not."""
    return matrix if isinstance(matrix, np.ndarray) else matrix.toarray()


def incidence(rows: NDArray[Any], columns: NDArray[Any], n: int, values: NDArray[Any] | None = None) -> Sparse:
    """Return a sparse matrix of `n` rows with `values` (ones by default) at the given places."""
    data = np.ones(len(rows), np.float32) if values is None else values.astype(np.float32)
    width = int(columns.max(initial=0)) + 1
    return sp.csr_array((data, (rows, columns)), shape=(n, width))


def seed_weights(queries: Sequence[Query], n: int) -> Sparse:
    """Return the preferences as a sparse matrix, shape (len(queries), n); the absolute values of each row sum to 1."""
    rows = np.repeat(np.arange(len(queries)), [len(query.seeds) for query in queries])
    columns = np.concatenate([np.empty(0, np.intp), *(query.seeds for query in queries)])
    values = np.concatenate([np.empty(0, np.float32), *(query.preferences for query in queries)])
    matrix = sp.csr_array((values.astype(np.float32), (rows, columns)), shape=(len(queries), n))
    return normalize(matrix, norm="l1")


def liked(weights: Sparse) -> Sparse:
    """Return only the positive weights, each row summing to 1 (or empty)."""
    positive = weights.maximum(0).tocsr()
    positive.eliminate_zeros()
    return normalize(positive, norm="l1")


def products(listeners: Vectors, vectors: Vectors) -> Vectors:
    """Return the products of all rows of both, shape (q, n), the same to the last bit in any company.

    BLAS adds up in another order where a matrix has another shape, and from some size on with threads of its own. So it
    gets tiles of one shape that are too small for that, and whoever calls this may well use threads.
    """
    n = len(vectors)
    tiled = n - n % TILE[1]
    tiles = vectors[:tiled].reshape(tiled // TILE[1], TILE[1], vectors.shape[1]).transpose(0, 2, 1)
    found = np.empty((-(-len(listeners) // TILE[0]) * TILE[0], n), np.float32)
    padded = np.zeros((len(found), listeners.shape[1]), np.float32)
    padded[: len(listeners)] = listeners
    for start in range(0, len(found), TILE[0]):
        some = slice(start, start + TILE[0])
        np.matmul(padded[some], tiles, out=found[some, :tiled].reshape(TILE[0], len(tiles), TILE[1]).transpose(1, 0, 2))
        np.matmul(padded[some], vectors[tiled:].T, out=found[some, tiled:])
    return found[: len(listeners)]


def gather(table: Vectors, places: NDArray[np.integer]) -> Vectors:
    """Return the columns of `table` at `places`, all of which must be there: numpy is told not to look."""
    return np.take(table, places, axis=1, mode="clip")


def distinct_rows(matrix: Sparse) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the first of each kind of row, and for each row the number of its kind."""
    bounds = zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True)
    rows = pd.Series([matrix.indices[a:b].tobytes() + matrix.data[a:b].tobytes() for a, b in bounds], dtype=object)
    kinds = rows.groupby(rows, sort=False).ngroup().to_numpy()
    return np.asarray(np.unique(kinds, return_index=True)[1], np.intp), np.asarray(kinds, np.intp)


def ranks(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return the quantile of each value, in (0, 1); of equal ones the lower position is lower."""
    order = np.argsort(values, kind="stable")
    places = np.empty(len(values))
    places[order] = np.arange(len(values))
    return (places + 0.5) / len(values)
