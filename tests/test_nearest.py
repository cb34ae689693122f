"""The nearest rows to one vector are found exactly."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.models.nearest import NearestRows
from segue.models.vectors import unit_rows


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
    rows, cosines = NearestRows(vectors).search(vector, k)
    everything = np.einsum("qd,qcd->qc", vector[None].astype(np.float64), vectors[None].astype(np.float64))[0]
    best = np.argsort(-everything, kind="stable")[:k]
    assert np.array_equal(everything[rows], everything[best])
    assert np.allclose(cosines, everything[best], rtol=0, atol=1e-14)
    assert len(set(rows.tolist())) == len(rows) == min(k, len(vectors))


def test_of_equally_near_ones_the_lower_row_comes_first() -> None:
    """However many there are: the answer is the same on every run."""
    vectors = np.repeat(unit_rows(np.random.default_rng(0).normal(size=(3, 13))), 500, axis=0)
    rows, cosines = NearestRows(vectors).search(vectors[700], 20)
    assert rows.tolist() == list(range(500, 520))
    assert np.allclose(cosines, 1)
