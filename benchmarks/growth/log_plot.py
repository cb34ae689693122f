"""Lines on logarithmic scales as SVG, in the manner of `training_pipeline.svg`: for light and for dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import ceil, floor, log10

from training_pipeline.svg import STYLE

LEFT, PLOT, HEIGHT, LABEL, TOP, FOOT, LETTER, FIGURE = 64, 300, 260, 210, 56, 44, 17, 72
LINES = "path.axis { stroke-opacity: .18 }\npath.beyond { stroke-dasharray: 4 4 }\n"
COLORS = (
    ("#1b7f4b", "#3fc07f"),
    ("#1f5fa8", "#6fb1ff"),
    ("#a8471f", "#ff9d6f"),
    ("#7a3fa0", "#cf9bf2"),
    ("#8a6d00", "#e0c04a"),
    ("#56615b", "#9aa7a0"),
    ("#a01f5f", "#ff7fb8"),
)
"""Of the lines, one after the other: on light pages and on dark ones."""


@dataclass(frozen=True)
class Line:
    """What grows.

    Attributes
    ----------
    label : str
        Said at its right end.
    points : sequence of (float, float)
        Size and value, both above 0, ascending: what was measured.
    beyond : sequence of (float, float)
        The same of larger sizes, not measured: a dashed line.
    """

    label: str
    points: Sequence[tuple[float, float]]
    beyond: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True)
class Plot:
    """Lines that share their scales.

    Attributes
    ----------
    title : str
        What the values are.
    sizes : str
        What the sizes are.
    lines : sequence of Line
        At least one; at most as many as there are `COLORS`.
    """

    title: str
    sizes: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class Scale:
    """From a value to pixels, by its logarithm.

    Attributes
    ----------
    low, high : float
        Logarithms of what is at its two ends.
    start, length : float
        Where it begins and how long it is; a negative length goes upwards.
    """

    low: float
    high: float
    start: float
    length: float

    def at(self, value: float) -> float:
        """Return where a value is."""
        return self.start + self.length * (log10(value) - self.low) / (self.high - self.low)


def draw(plots: Sequence[Plot]) -> str:
    """Return an SVG document of `plots` side by side."""
    each = LEFT + PLOT + LABEL
    width, height = each * len(plots), TOP + HEIGHT + FOOT
    day = "".join(_color(number, colors[0]) for number, colors in enumerate(COLORS))
    night = "".join(_color(number, colors[1]) for number, colors in enumerate(COLORS))
    style = f"{STYLE}{LINES}{day}@media (prefers-color-scheme: dark) {{\n{night}}}\n"
    titles = escape("; ".join(plot.title for plot in plots))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{titles}">\n<style>{style}</style>\n'
        f'<rect class="page" width="{width}" height="{height}"/>\n'
        + "".join(_plot(plot, each * place) for place, plot in enumerate(plots))
        + "</svg>\n"
    )


def _color(number: int, color: str) -> str:
    return (
        f"path.line{number} {{ stroke: {color}; stroke-width: 2 }}\n"
        f"circle.line{number}, text.line{number} {{ fill: {color} }}\n"
    )


def _plot(plot: Plot, left: int) -> str:
    points = [point for line in plot.lines for point in (*line.points, *line.beyond)]
    sizes, values = [size for size, _ in points], [value for _, value in points]
    across = Scale(log10(min(sizes)), max(log10(max(sizes)), log10(min(sizes)) + 1e-9), left + LEFT, PLOT)
    upward = Scale(floor(log10(min(values))), ceil(log10(max(values)) + 1e-9), TOP + HEIGHT, -HEIGHT)
    ends = _apart([upward.at((*line.points, *line.beyond)[-1][1]) for line in plot.lines])
    drawn = [
        _line(line, number, across, upward, end)
        for number, (line, end) in enumerate(zip(plot.lines, ends, strict=True))
    ]
    head = f'<text class="head" x="{left + LEFT}" y="{TOP - 28}">{escape(plot.title)}</text>\n'
    foot = _quiet(left + LEFT + PLOT, TOP + HEIGHT + 36, escape(plot.sizes), "end")
    return head + _axes(across, upward, sorted(set(sizes))) + "".join(drawn) + foot


def _axes(across: Scale, upward: Scale, sizes: Sequence[float]) -> str:
    """Return a line for each power of ten, and for each size that was measured."""
    right, named = across.start + across.length, _spaced(sizes, across)
    parts = [
        f'<path class="axis" d="M{across.start:g} {upward.at(10.0**power):.1f}H{right:g}"/>'
        + _quiet(across.start - 8, upward.at(10.0**power) + 4, _figure(10.0**power), "end")
        for power in range(int(upward.low), int(upward.high) + 1)
    ]
    parts += [
        f'<path class="axis" d="M{across.at(size):.1f} {TOP}V{TOP + HEIGHT}"/>'
        + (_quiet(across.at(size), TOP + HEIGHT + 18, _figure(size), "middle") if size in named else "")
        for size in sizes
    ]
    return "".join(parts)


def _spaced(sizes: Sequence[float], across: Scale) -> list[float]:
    """Return the sizes that there is room to name: the largest, and each that is far enough from the next one named."""
    named: list[float] = []
    for size in reversed(sizes):
        if not named or across.at(named[-1]) - across.at(size) >= FIGURE:
            named.append(size)
    return named


def _line(line: Line, number: int, across: Scale, upward: Scale, end: float) -> str:
    places = [(across.at(size), upward.at(value)) for size, value in line.points]
    beyond = [places[-1], *((across.at(size), upward.at(value)) for size, value in line.beyond)]
    dots = "".join(f'<circle class="line{number}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in places)
    right = across.start + across.length + 10
    return (
        f'<path class="line{number}" d="{_path(places)}"/>{dots}'
        f'<path class="line{number} beyond" d="{_path(beyond)}"/>'
        f'<text class="line{number}" x="{right:g}" y="{end + 4:.1f}">{escape(line.label)}</text>\n'
    )


def _quiet(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text class="quiet" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>\n'


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "M" + " ".join(f"{x:.1f} {y:.1f}" for x, y in places)


def _apart(wanted: Sequence[float]) -> list[float]:
    """Return where labels stand so that none covers another: as near as can be to where they are `wanted`."""
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    placed = [wanted[place] for place in order]
    for before, after in pairwise(range(len(placed))):
        placed[after] = max(placed[after], placed[before] + LETTER)
    # What was pushed out below goes up again, and pushes the others.
    limit = float(TOP + HEIGHT)
    for place in reversed(range(len(placed))):
        placed[place] = min(placed[place], limit)
        limit = placed[place] - LETTER
    return [placed[order.index(place)] for place in range(len(wanted))]


def _figure(value: float) -> str:
    """Return a round figure, such as 10 or 165,000."""
    return f"{value:g}" if value < 1000 else f"{float(f'{value:.3g}'):,.0f}"  # noqa: PLR2004 - from here on commas help
