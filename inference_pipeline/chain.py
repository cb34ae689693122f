"""Filters one after the other, each saying what it removed; on a shortfall the rules are widened, tier by tier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from inference_pipeline.filters import Candidates, Filter


@dataclass(frozen=True)
class Sifted:
    """What is left of a list of candidates.

    Attributes
    ----------
    rows : ndarray of int
        Positions in the list. What passes every rule comes first; then, in the order of the tiers, what came in by
        widening; each part in the order of the list.
    removed : dict of str to int
        How many each filter removed of those that came to it, after widening; in the order of the filters.
    widened : tuple of str
        The filters that were relaxed, in the order of the tiers; none where the rules gave enough.
    """

    rows: NDArray[np.intp]
    removed: dict[str, int] = field(default_factory=dict)
    widened: tuple[str, ...] = ()


def sift(filters: Sequence[Filter], candidates: Candidates, wanted: int, relaxable: Sequence[str] = ()) -> Sifted:
    """Run the filters over ranked candidates.

    Where fewer than `wanted` are left, the filters that `relaxable` names are given up one by one, in that order, until
    there are enough; one that would remove nothing stays. Widening only adds: it never displaces what passes the rules.

    Parameters
    ----------
    filters : sequence of Filter
        In the order in which they run.
    candidates : Candidates
        The best first.
    wanted : int
        How many should be left.
    relaxable : sequence of str
        Names of filters, those that matter least first; the others always hold.
    """
    left = _run(filters, candidates, np.arange(len(candidates)))
    if len(left.rows) >= wanted:
        return left
    given_up: list[str] = []
    in_the_way = {one.name for one in filters if one.name in relaxable and not one.keep(candidates).all()}
    for name in relaxable:
        if len(left.rows) >= wanted:
            break
        if name not in in_the_way:
            continue
        given_up.append(name)
        # What passed comes first, so that rules which count (an artist's tracks, versions) keep it.
        rest = np.setdiff1d(np.arange(len(candidates)), left.rows)
        holding = [one for one in filters if one.name not in given_up]
        wider = _run(holding, candidates, np.concatenate([left.rows, rest]))
        if len(wider.rows) > len(left.rows):
            left = Sifted(wider.rows, wider.removed, tuple(given_up))
    return left


def total(counts: Sequence[dict[str, int]]) -> dict[str, int]:
    """Return the sum of what several chains removed."""
    summed: Counter[str] = Counter()
    for one in counts:
        summed.update(one)
    return dict(summed)


def _run(filters: Sequence[Filter], candidates: Candidates, rows: NDArray[np.intp]) -> Sifted:
    removed = {}
    left = candidates[rows]
    for one in filters:
        kept = one.keep(left)
        removed[one.name] = len(rows) - int(np.count_nonzero(kept))
        if removed[one.name]:
            left, rows = left[kept], rows[kept]
    return Sifted(rows, removed)
