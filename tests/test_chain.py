"""Filters one after the other, and what happens when they leave too little."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from inference_pipeline.chain import sift, total
from inference_pipeline.filters import Candidates, Repeats

N = 30
CANDIDATES = Candidates.of(pd.DataFrame({"track_id": [str(n) for n in range(N)], "number": range(N)}))


@dataclass(frozen=True)
class Without:
    """Remove some numbers."""

    name: str
    numbers: frozenset[int]

    def keep(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Return which rows stay."""
        return ~np.isin(candidates.column("number"), list(self.numbers))


numbers = st.frozensets(st.integers(0, N - 1))
chains = st.lists(numbers, min_size=1, max_size=4).map(
    lambda sets: [Without(f"rule {place}", removed) for place, removed in enumerate(sets)]
)


def test_each_filter_counts_what_it_removed_of_what_came_to_it() -> None:
    """What the first removed, the second does not see."""
    left = sift([Without("a", frozenset({0, 1, 2})), Without("b", frozenset({2, 3}))], CANDIDATES, 5)
    assert left.removed == {"a": 3, "b": 1}
    assert left.rows.tolist() == list(range(4, N))
    assert left.widened == ()


def test_on_a_shortfall_the_first_relaxable_rule_goes_first() -> None:
    """As few as possible are given up; what comes in by that stands behind what passes every rule."""
    rules = [Without("a", frozenset(range(10))), Without("b", frozenset(range(10, 20))), Without("c", frozenset({29}))]
    left = sift(rules, CANDIDATES, 15, ("b", "a", "c"))
    assert left.widened == ("b",)
    assert left.rows.tolist() == [*range(20, 29), *range(10, 20)]
    assert left.removed == {"a": 10, "c": 1}


def test_rules_that_only_together_stand_in_the_way_are_both_named() -> None:
    """Giving up one of them brings nothing by itself."""
    both = frozenset(range(20))
    left = sift([Without("a", both), Without("b", both)], CANDIDATES, 25, ("b", "a"))
    assert len(left.rows) == N
    assert set(left.widened) <= {"a", "b"}
    assert "a" in left.widened


def test_a_rule_that_is_not_relaxable_holds() -> None:
    """However short the list becomes."""
    left = sift([Without("a", frozenset(range(N)))], CANDIDATES, 5, ("b",))
    assert left.rows.size == 0
    assert left.removed == {"a": N}


@given(chains, st.integers(0, N), st.permutations(["rule 0", "rule 1", "rule 2", "rule 3"]), st.integers(0, 5))
def test_widening_only_adds(rules: list[Without], wanted: int, order: list[str], at_most: int) -> None:
    """What passes every rule comes first, in its order; rules that hold still hold; and enough is enough."""
    filters = [*rules, Repeats(frozenset({"3", "4", "5", "6", "7", "8"}), at_most)]
    strict = sift(filters, CANDIDATES, wanted)
    wide = sift(filters, CANDIDATES, wanted, order)
    assert wide.rows[: len(strict.rows)].tolist() == strict.rows.tolist()
    assert len(set(wide.rows)) == len(wide.rows)
    assert bool(wide.widened) == (len(wide.rows) > len(strict.rows))
    if len(strict.rows) >= wanted:
        assert wide.widened == ()
    for rule in rules:
        if rule.name not in wide.widened:
            assert rule.numbers.isdisjoint(wide.rows.tolist())
    assert np.isin(wide.rows, range(3, 9)).sum() <= at_most
    assert sum(wide.removed.values()) + len(wide.rows) == N


def test_totals() -> None:
    """Over several playlists, by filter."""
    assert total([{"a": 1, "b": 2}, {"b": 3}, {}]) == {"a": 1, "b": 5}
