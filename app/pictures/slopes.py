"""A slope chart: how several shares moved from one time to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.pictures.layout import spread_out
from app.pictures.svg import LETTER, shorten, svg, text

WIDTH, HEIGHT = 340.0, 210.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 196.0, 12.0, 184.0
GAP = 15.0
DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 2", "1 2")
"""Lines are told apart by more than where they end."""


@dataclass(frozen=True)
class Line:
    """One line of a slope chart.

    Attributes
    ----------
    label : str
    shares : sequence of float
        For each range, 0 to 1; NaN where nothing is known.
    """

    label: str
    shares: Sequence[float]


def slopes(lines: Sequence[Line], names: Sequence[str]) -> str:
    """Return the chart, each line with its last value in percent at its end.

    Parameters
    ----------
    lines : sequence of Line
        At most six.
    names : sequence of str
        Of the times, two or more, from left to right.
    """
    xs = np.linspace(LEFT, RIGHT, len(names))
    highest = max(float(np.nanmax(line.shares)) for line in lines) or 1.0
    # From less than half of it on, lines that are close together need the room more than what is below them.
    lowest = min(highest / 2, *(float(np.nanmin(line.shares)) for line in lines))
    scale = (BOTTOM - TOP) / (highest - lowest)
    heights = [[BOTTOM - scale * (value - lowest) for value in line.shares] for line in lines]
    parts = [f'<path class="line" d="M{x:.1f} {TOP - 6}V{BOTTOM + 4}"/>' for x in xs]
    parts += [text(x, BOTTOM + 20, name, "quiet middle") for x, name in zip(xs, names, strict=True)]
    parts += _ends([line.shares[0] for line in lines], [ys[0] for ys in heights])
    last = [_last(ys) for ys in heights]
    labels = spread_out(last, GAP, TOP, BOTTOM)
    for line, ys, at, label, dash in zip(lines, heights, last, labels, DASHES, strict=False):
        points = [(x, y) for x, y in zip(xs, ys, strict=True) if not np.isnan(y)]
        share = next(value for value in reversed(line.shares) if not np.isnan(value))
        parts.append(
            f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}" '
            f'style="fill:none;stroke:var(--mine);stroke-width:2.2;stroke-dasharray:{dash or "none"}"/>'
        )
        parts += [f'<circle class="mine" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in points]
        parts.append(f'<path class="line" d="M{RIGHT + 5} {at:.1f}L{RIGHT + 14} {label:.1f}"/>')
        named = shorten(line.label, WIDTH - RIGHT - 17 - 5 * LETTER)
        parts.append(text(RIGHT + 17, label + 4, f"{named} {round(100 * share)}"))
    return svg(WIDTH, HEIGHT, f"From {names[0]} to {names[-1]}", parts)


def _ends(values: Sequence[float], heights: Sequence[float]) -> list[str]:
    """Return the figures at the left, of the lines that begin there."""
    known = [(value, y) for value, y in zip(values, heights, strict=True) if not np.isnan(value)]
    places = spread_out([y for _, y in known], GAP - 2, TOP, BOTTOM)
    return [
        text(LEFT - 8, y + 4, str(round(100 * value)), "quiet end") for (value, _), y in zip(known, places, strict=True)
    ]


def _last(heights: Sequence[float]) -> float:
    return next(y for y in reversed(heights) if not np.isnan(y))
