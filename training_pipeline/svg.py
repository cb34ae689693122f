"""Bar charts as SVG, written by hand: a picture for a page, without a plotting library to install."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

LABEL, PLOT, FIGURE, ROW, HEAD = 290, 420, 110, 22, 34
WIDTH = LABEL + PLOT + FIGURE
OURS, OTHER, INK, RULE = "#1b7f4b", "#b9c4bd", "#1d2420", "#5b6660"


@dataclass(frozen=True)
class Bar:
    """One bar.

    Attributes
    ----------
    label : str
        What it stands for.
    value : float
        Its length, at least 0.
    interval : float
        Half width of its 95 % interval.
    ours : bool
        Whether to color it.
    """

    label: str
    value: float
    interval: float = 0.0
    ours: bool = False


@dataclass(frozen=True)
class Chart:
    """Bars that share a scale.

    Attributes
    ----------
    title : str
        What they measure.
    bars : sequence of Bar
        From top to bottom.
    """

    title: str
    bars: Sequence[Bar]

    @property
    def height(self) -> int:
        """How high it is drawn, in pixels."""
        return HEAD + ROW * len(self.bars) + ROW // 2


def draw(charts: Sequence[Chart]) -> str:
    """Return an SVG document of `charts`, one below the other."""
    height = sum(chart.height for chart in charts)
    parts, top = [], 0
    for chart in charts:
        parts.append(f'<g transform="translate(0 {top})">{_chart(chart)}</g>')
        top += chart.height
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="{INK}">\n'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _chart(chart: Chart) -> str:
    longest = max([bar.value + bar.interval for bar in chart.bars], default=0.0) or 1.0
    rows = [_bar(bar, HEAD + ROW * place, PLOT / longest) for place, bar in enumerate(chart.bars)]
    return f'<text x="12" y="22" font-weight="600">{escape(chart.title)}</text>' + "".join(rows)


def _bar(bar: Bar, top: int, scale: float) -> str:
    middle, width = top + ROW / 2, bar.value * scale
    low, high = LABEL + max(0.0, (bar.value - bar.interval) * scale), LABEL + (bar.value + bar.interval) * scale
    return (
        f'<text x="{LABEL - 8}" y="{middle + 4:.1f}" text-anchor="end">{escape(bar.label)}</text>'
        f'<rect x="{LABEL}" y="{top + 3}" width="{width:.1f}" height="{ROW - 6}" fill="{OURS if bar.ours else OTHER}"/>'
        f'<path d="M{low:.1f} {middle:.1f}H{high:.1f}" stroke="{RULE}" stroke-width="1.5"/>'
        f'<text x="{high + 8:.1f}" y="{middle + 4:.1f}">{_figure(bar.value)}</text>'
    )


def _figure(value: float) -> str:
    """Return a share with four decimals, and a count as it is."""
    return f"{value:g}" if float(value).is_integer() else f"{value:.4f}"
