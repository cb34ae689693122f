"""Where labels go so that none lies on another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def overlaps(first: Box, second: Box) -> bool:
    """Return whether two boxes have any area in common."""
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]


def first_free(boxes: Iterable[Box], taken: Sequence[Box]) -> Box | None:
    """Return the first of `boxes` that none of `taken` overlaps; None where there is none."""
    return next((box for box in boxes if not any(overlaps(box, other) for other in taken)), None)


def spread_out(heights: Sequence[float], gap: float, top: float, bottom: float) -> list[float]:
    """Return the heights moved apart, in the same order, until they are at least `gap` from one another.

    Parameters
    ----------
    heights : sequence of float
    gap : float
    top, bottom : float
        Between which they stay, if there is room for all of them.
    """
    order = np.argsort(heights, kind="stable")
    placed = np.asarray(heights, float)[order]
    steps = gap * np.arange(len(placed))
    # Each at least a gap below the one before; then, from the bottom, none beyond it.
    placed = np.maximum.accumulate(np.maximum(placed, top) - steps) + steps
    room = bottom - gap * np.arange(len(placed))[::-1]
    placed = np.minimum(placed, room)
    moved = np.empty(len(placed))
    moved[order] = placed
    return moved.tolist()
