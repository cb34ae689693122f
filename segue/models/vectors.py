"""Small operations on dense and sparse vectors that several spaces need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.preprocessing import normalize
from sklearn.utils.sparsefuncs_fast import inplace_csr_row_normalize_l1

from segue.models.recommender import Query

Vectors = NDArray[np.float32]
# Listeners x recordings: with up to 128 dimensions OpenBLAS uses no threads, and of 8 rows treats all alike.
TILE = (8, 256)
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
    return _in_shares(sp.csr_array((values.astype(np.float32), (rows, columns)), shape=(len(queries), n)))


def liked(weights: Sparse) -> Sparse:
    """Return only the positive weights, each row summing to 1 (or empty)."""
    if (weights.data > 0).all():
        return weights
    positive = weights.maximum(0).tocsr()
    positive.eliminate_zeros()
    return _in_shares(positive)


def places_among(
    numbers: NDArray[np.integer], ascending: NDArray[np.integer]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the place of each number among ascending ones, any where it is not there, and whether it is."""
    places = np.minimum(np.searchsorted(ascending, numbers), len(ascending) - 1)
    return places, np.asarray(ascending[places] == numbers)


def columns_among(matrix: Sparse, columns: NDArray[np.integer]) -> Sparse:
    """Return what a matrix stored by rows has in some columns, which are ascending: numbered by their places there."""
    places, there = places_among(matrix.indices, columns)
    kept = np.flatnonzero(there)
    ends = np.searchsorted(kept, matrix.indptr)
    return sp.csr_array((matrix.data[kept], places[kept], ends), shape=(matrix.shape[0], len(columns)))


def lines(matrix: Vectors | Sparse, rows: slice) -> Vectors | Sparse:
    """Return some rows that follow one another; of a sparse matrix stored by rows, several times faster than scipy."""
    if isinstance(matrix, np.ndarray):
        return matrix[rows]
    ends = matrix.indptr[rows.start : rows.stop + 1]
    of_rows = slice(ends[0], ends[-1])
    shape = (len(ends) - 1, matrix.shape[1])
    return sp.csr_array((matrix.data[of_rows], matrix.indices[of_rows], ends - ends[0]), shape=shape)


def _in_shares(matrix: Sparse) -> Sparse:
    """Divide each row by the sum of its absolute values, where they are."""
    # What `normalize` does in the end: its looking at the matrix takes 20 ms the first time, and ten times as long as
    # the division every time.
    inplace_csr_row_normalize_l1(matrix)
    return matrix


def products(listeners: Vectors, vectors: Vectors) -> Vectors:
    """Return the products of all rows of both, shape (q, n).

    BLAS adds up in another order where a matrix has another shape, and from some size on with threads of its own, which
    get in the way of the caller's. It gets tiles of one shape that are too small for that: so a listener's products are
    the same whoever else is asked for and however many threads there are (with OpenBLAS on x86 to the last bit).
    """
    n, d = vectors.shape
    tiled = n - n % TILE[1]
    tiles = vectors[:tiled].reshape(len(vectors) // TILE[1], TILE[1], d).transpose(0, 2, 1)
    last = _padded(vectors[tiled:], TILE[1]).T
    queries = _padded(listeners, -(-len(listeners) // TILE[0]) * TILE[0])
    found = np.empty((len(queries), n), np.float32)
    for start in range(0, len(queries), TILE[0]):
        query, out = queries[start : start + TILE[0]], found[start : start + TILE[0]]
        np.matmul(query, tiles, out=out[:, :tiled].reshape(TILE[0], len(tiles), TILE[1]).transpose(1, 0, 2))
        out[:, tiled:] = (query @ last)[:, : n - tiled]
    return found[: len(listeners)]


def any_products(listeners: Vectors, vectors: Vectors | Sparse) -> Vectors:
    """Return the products of all rows of both, shape (q, n), whether `vectors` are sparse or not."""
    if isinstance(vectors, np.ndarray):
        return products(listeners, vectors)
    # A column for each listener: the transposed product is five times slower where the vectors are sparse.
    return np.ascontiguousarray((vectors @ listeners.T).T, np.float32)


def _padded(vectors: Vectors, length: int) -> Vectors:
    padded = np.zeros((length, vectors.shape[1]), np.float32)
    padded[: len(vectors)] = vectors
    return padded


def entries(
    matrix: Sparse, lines: NDArray[np.integer]
) -> tuple[NDArray[np.intp], NDArray[np.integer], NDArray[np.floating[Any]]]:
    """Return what is stored in lines of a sparse matrix: rows if it is stored by rows, else columns.

    Returns
    -------
    tuple of ndarray
        For each entry its place in `lines`, its place in the line, and its value.
    """
    starts = matrix.indptr[lines]
    lengths = matrix.indptr[lines + 1] - starts
    ends = np.cumsum(lengths)
    at = np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + lengths, lengths)
    return np.repeat(np.arange(len(lines)), lengths), matrix.indices[at], matrix.data[at]


def row_products(vectors: Vectors | Sparse, first: NDArray[np.integer], second: NDArray[np.integer]) -> Vectors:
    """Return the products of some rows with others, shape (len(first), len(second))."""
    if isinstance(vectors, np.ndarray):
        return np.asarray(vectors[first] @ vectors[second].T)
    # As arrays without the columns that add nothing: scipy's own way takes five times as long for a few.
    of_second = entries(vectors, second)
    of_first = of_second if second is first else entries(vectors, first)
    # Only the columns that both have count.
    used = np.zeros((2, vectors.shape[1]), bool)
    used[0, of_first[1]] = used[1, of_second[1]] = True
    distinct = np.flatnonzero(used[0] & used[1])
    numbers = np.full(vectors.shape[1], -1, np.int32)
    numbers[distinct] = np.arange(len(distinct))
    return np.asarray(
        _columns(of_first, numbers, (len(first), len(distinct)))
        @ _columns(of_second, numbers, (len(second), len(distinct))).T
    )


def _columns(
    found: tuple[NDArray[np.intp], NDArray[np.integer], NDArray[np.floating[Any]]],
    numbers: NDArray[np.intp],
    shape: tuple[int, int],
) -> Vectors:
    """Return what `entries` found as an array: each column at its number, without those that have none."""
    places, columns, values = found
    at = numbers[columns]
    kept = np.flatnonzero(at >= 0)
    rows = np.zeros(shape, np.float32)
    rows[places[kept], at[kept]] = values[kept]
    return rows


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
