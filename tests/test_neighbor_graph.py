"""The neighbor graph is exact."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.models.neighbor_graph import keep_nearest, nearest_neighbors


def unit_rows(n: int, d: int, seed: int, copies: int = 1) -> np.ndarray:
    """Return `n` random unit vectors, each present `copies` times."""
    rows = np.random.default_rng(seed).normal(size=(n, d))
    return np.repeat(rows / np.linalg.norm(rows, axis=1, keepdims=True), copies, axis=0).astype(np.float32)


def brute_force(vectors: np.ndarray) -> np.ndarray:
    """Return all cosines in double precision, a row's with itself as -inf."""
    wide = vectors.astype(np.float64)
    similarities = wide @ wide.T
    np.fill_diagonal(similarities, -np.inf)
    return similarities


@settings(deadline=None, max_examples=40)
@given(
    n=st.integers(2, 120),
    d=st.integers(2, 16),
    k=st.integers(1, 150),
    seed=st.integers(0, 999),
    copies=st.integers(1, 40),
)
def test_recall_is_one(n: int, d: int, k: int, seed: int, copies: int) -> None:
    """The neighbors are those of a comparison of everything with everything, copies and all, in order."""
    vectors = unit_rows(n, d, seed, copies)
    graph = nearest_neighbors(vectors, k)
    everything = brute_force(vectors)
    best = -np.sort(-everything, axis=1)[:, : graph.indices.shape[1]]
    assert graph.indices.shape == (n * copies, min(k, n * copies - 1))
    assert np.allclose(np.take_along_axis(everything, graph.indices, axis=1), best, rtol=0, atol=1e-12)
    assert np.allclose(graph.similarities, best, atol=1e-6)
    assert all(len(set(row)) == len(row) for row in graph.indices.tolist())


def test_nothing_is_its_own_neighbor() -> None:
    """Not even where copies of it are just as near."""
    graph = nearest_neighbors(unit_rows(5, 4, 0, copies=30), 40)
    assert not (graph.indices == np.arange(150)[:, None]).any()


def test_of_equally_near_ones_the_lower_row_comes_first() -> None:
    """A rebuilt graph is the same, however many copies a vector has."""
    graph = nearest_neighbors(unit_rows(3, 4, 0, copies=50), 30)
    assert graph.indices[0].tolist() == list(range(1, 31))
    assert graph.indices[49].tolist() == list(range(30))
    assert graph.indices[75].tolist() == list(range(50, 75)) + list(range(76, 81))


def test_unknown_recordings_are_far_from_everything() -> None:
    """The zero vector has similarity 0 with all."""
    vectors = np.vstack([unit_rows(40, 3, 1), np.zeros((1, 3), np.float32)])
    graph = nearest_neighbors(vectors, 5)
    assert graph.similarities[40].tolist() == [0] * 5


@given(st.integers(0, 999), st.integers(1, 8))
def test_the_largest_of_each_row_are_kept(seed: int, k: int) -> None:
    """Of a sparse matrix, its k largest entries in each row; of equal ones those of the lower columns."""
    random = np.random.default_rng(seed)
    matrix = random.integers(1, 4, (6, 7)) * (random.random((6, 7)) < 0.6)
    kept = keep_nearest(sp.csr_array(matrix), k).toarray()
    for row, left in zip(matrix, kept, strict=True):
        largest = np.argsort(-row, kind="stable")[:k]
        assert left.tolist() == [value if place in largest else 0 for place, value in enumerate(row)]


@pytest.mark.parametrize("k", [1, 7])
def test_it_is_the_same_on_every_run(k: int) -> None:
    """Two builds of one catalog agree bit by bit."""
    vectors = unit_rows(300, 14, 3)
    first, second = nearest_neighbors(vectors, k), nearest_neighbors(vectors, k)
    assert np.array_equal(first.indices, second.indices)
    assert np.array_equal(first.similarities, second.similarities)
