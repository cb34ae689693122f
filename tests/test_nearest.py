"""The nearest rows to one vector are found exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.models.approximation import VectorApproximation
from segue.models.nearest import NearestRows
from segue.models.vectors import Vectors, unit_rows

MANY = 12_000


@settings(deadline=None, max_examples=60)
@given(
    n=st.integers(1, 400),
    d=st.integers(1, 16),
    k=st.integers(1, 500),
    seed=st.integers(0, 999),
    copies=st.integers(1, 40),
)
def test_they_are_those_of_a_comparison_with_everything(n: int, d: int, k: int, seed: int, copies: int) -> None:
    """In double precision, the lower row first of equally near ones: copies and zero rows are."""
    random = np.random.default_rng(seed)
    distinct = np.concatenate([unit_rows(random.normal(size=(n, d))), np.zeros((seed % 3, d), np.float32)])
    vectors = random.permutation(np.repeat(distinct, copies, axis=0))
    vector = unit_rows(random.normal(size=(1, d)))[0]
    check(NearestRows(vectors), vectors, vector, k)


@settings(deadline=None, max_examples=40)
@given(
    d=st.integers(1, 40),
    k=st.sampled_from([1, 50, 400, MANY]),
    seed=st.integers(0, 999),
    copies=st.sampled_from([1, 2, 300]),
    dull=st.integers(0, 3),
)
def test_so_they_are_among_many_for_one_vector_after_the_other(
    d: int, k: int, seed: int, copies: int, dull: int
) -> None:
    """Also where some dimensions tell nothing, and where more rows are copies than an approximation can tell apart."""
    random = np.random.default_rng(seed)
    spread = np.concatenate([random.uniform(0.5, 2, d), np.zeros(dull)])
    distinct = unit_rows(random.normal(size=(MANY // copies - 1, d + dull)) * spread)
    distinct = np.concatenate([distinct, np.zeros((1, d + dull), np.float32)])
    vectors = random.permutation(np.repeat(distinct, copies, axis=0))
    nearest = NearestRows(vectors)
    for vector in (vectors[0], *unit_rows(random.normal(size=(3, d + dull))), np.zeros(d + dull, np.float32)):
        check(nearest, vectors, vector, k)


def check(nearest: NearestRows, vectors: Vectors, vector: Vectors, k: int) -> None:
    """Compare what is found with everything."""
    rows, cosines = nearest.search(vector, k)
    everything = np.einsum("qd,qcd->qc", vector[None].astype(np.float64), vectors[None].astype(np.float64))[0]
    best = np.argsort(-everything, kind="stable")[:k]
    assert np.array_equal(everything[rows], everything[best])
    assert np.allclose(cosines, everything[best], rtol=0, atol=1e-14)
    assert len(set(rows.tolist())) == len(rows) == min(k, len(vectors))
    assert np.all((np.diff(cosines) < 0) | (np.diff(rows) > 0))


@pytest.mark.parametrize("d", [1, 2, 5, 13, 30, 256])
def test_an_approximation_bounds_all_that_it_does_not_return(d: int) -> None:
    """From above, and with the dimensions of sound so closely that a few for each of the nearest suffice."""
    random = np.random.default_rng(d)
    vectors = unit_rows(random.normal(size=(MANY, d)))
    approximation = VectorApproximation(vectors)
    settled = []
    for vector in unit_rows(random.normal(size=(50, d))):
        cosines = vectors.astype(np.float64) @ vector
        rows, bound = approximation.search(vector, 350)
        assert len(set(rows.tolist())) == 350
        assert np.delete(cosines, rows).max() <= bound + 1e-6
        settled.append(np.partition(cosines, -50)[-50] > bound)
    assert d != 13 or np.mean(settled) > 0.7


def test_of_equally_near_ones_the_lower_row_comes_first() -> None:
    """However many there are: the answer is the same on every run."""
    vectors = np.repeat(unit_rows(np.random.default_rng(0).normal(size=(3, 13))), 500, axis=0)
    nearest = NearestRows(np.tile(vectors, (8, 1)))
    for _ in range(3):
        rows, cosines = nearest.search(vectors[700], 20)
        assert rows.tolist() == list(range(500, 520))
        assert np.allclose(cosines, 1)
