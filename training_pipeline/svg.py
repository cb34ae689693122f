"""Bar charts as SVG, written by hand: a picture for a page, without a plotting library to install."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

PLOT, FIGURE, ROW, LINE, EDGE = 116, 62, 22, 18, 14
LETTER, SMALL_LETTER = 7.2, 6.2
"""How wide a letter is at most on average, for fonts differ: nothing is cut off."""
MOST_ABREAST = 4
STYLE = """
text { fill: #1d2420; font: 13px system-ui, sans-serif }
.quiet { fill: #56615b; font-size: 11.5px }
.ours, .head { font-weight: 600 }
rect.page { fill: #ffffff }
rect.ours { fill: #1b7f4b }
rect.other { fill: #b9c4bd }
path { stroke: #1d2420; fill: none }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .quiet { fill: #9aa7a0 }
  rect.page { fill: #0d1117 }
  rect.ours { fill: #2f9e66 }
  rect.other { fill: #46524c }
  path { stroke: #e6edf3 }
}
"""
"""One picture for light and for dark pages: it brings its own ground, so that it can be read on either."""


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
        Whether to mark it.
    """

    label: str
    value: float
    interval: float = 0.0
    ours: bool = False


@dataclass(frozen=True)
class Panel:
    """Bars that share a scale.

    Attributes
    ----------
    title : str
        What they are about; a few words.
    bars : sequence of Bar
        From top to bottom, each with another label.
    notes : sequence of str
        Said in small print below the title.
    """

    title: str
    bars: Sequence[Bar]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Grid:
    """Where things are, in pixels.

    Attributes
    ----------
    labels : sequence of str
        Of the rows of every band of panels.
    label_width, panel_width, abreast : int
        How wide the labels and a panel are, and how many panels a band holds.
    head : int
        How high the titles and notes above the bars are.
    """

    labels: Sequence[str]
    label_width: int
    panel_width: int
    abreast: int
    head: int

    @classmethod
    def of(cls, panels: Sequence[Panel]) -> Grid:
        """Make room for `panels`."""
        labels = list(dict.fromkeys(bar.label for panel in panels for bar in panel.bars))
        notes = [note for panel in panels for note in panel.notes]
        return cls(
            labels,
            label_width=2 * EDGE + int(LETTER * max(map(len, labels), default=0)),
            panel_width=max(PLOT + FIGURE, EDGE + int(SMALL_LETTER * max(map(len, notes), default=0))),
            abreast=max(1, min(MOST_ABREAST, len(panels))),
            head=LINE * (1 + max((len(panel.notes) for panel in panels), default=0)) + EDGE,
        )

    @property
    def band(self) -> int:
        """How high a band is."""
        return self.head + ROW * len(self.labels) + EDGE


def draw(title: str, panels: Sequence[Panel]) -> str:
    """Return an SVG document of `panels` side by side, four abreast: a bar's label stands once, at the left."""
    grid = Grid.of(panels)
    bands = [panels[start : start + grid.abreast] for start in range(0, len(panels), grid.abreast)]
    top = LINE + EDGE
    width = max(grid.label_width + grid.panel_width * grid.abreast, int(LETTER * len(title))) + EDGE
    height = top + grid.band * len(bands)
    drawn = [_band(band, grid, top + grid.band * place) for place, band in enumerate(bands)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(title)}">\n<style>{STYLE}</style>\n'
        f'<rect class="page" width="{width}" height="{height}"/>\n'
        f'<text class="head" x="{EDGE}" y="{LINE + 4}">{escape(title)}</text>\n' + "".join(drawn) + "</svg>\n"
    )


def _band(panels: Sequence[Panel], grid: Grid, top: int) -> str:
    ours = {bar.label for panel in panels for bar in panel.bars if bar.ours}
    names = [
        f'<text class="{_kind(label in ours)}" x="{grid.label_width - 10}" y="{_baseline(top + grid.head, row)}" '
        f'text-anchor="end">{escape(label)}</text>\n'
        for row, label in enumerate(grid.labels)
    ]
    lefts = range(grid.label_width, grid.label_width + grid.panel_width * len(panels), grid.panel_width)
    return "".join([*names, *(_panel(panel, grid, left, top) for panel, left in zip(panels, lefts, strict=True))])


def _panel(panel: Panel, grid: Grid, left: int, top: int) -> str:
    scale = PLOT / (max((bar.value + bar.interval for bar in panel.bars), default=0.0) or 1.0)
    lines = [("head", panel.title), *(("quiet", note) for note in panel.notes)]
    heads = [
        f'<text class="{kind}" x="{left}" y="{top + EDGE + LINE * place}">{escape(text)}</text>\n'
        for place, (kind, text) in enumerate(lines)
    ]
    bars = [_bar(bar, left, top + grid.head + ROW * grid.labels.index(bar.label), scale) for bar in panel.bars]
    return "".join([*heads, *bars])


def _bar(bar: Bar, left: int, top: int, scale: float) -> str:
    # A value of nothing is seen, too.
    width = max(1.0, bar.value * scale)
    low, high = left + max(0.0, (bar.value - bar.interval) * scale), left + (bar.value + bar.interval) * scale
    line = f'<path d="M{low:.1f} {top + ROW / 2:g}H{high:.1f}"/>' if bar.interval else ""
    return (
        f'<rect class="{_kind(bar.ours)}" x="{left}" y="{top + 4}" width="{width:.1f}" height="{ROW - 8}"/>{line}'
        f'<text class="{_kind(bar.ours)}" x="{max(high, left + width) + 6:.1f}" y="{_baseline(top, 0)}">'
        f"{_figure(bar.value)}</text>\n"
    )


def _baseline(top: int, row: int) -> int:
    return top + ROW * row + ROW // 2 + 5


def _kind(ours: bool) -> str:
    return "ours" if ours else "other"


def _figure(value: float) -> str:
    """Return a share with three decimals, and a count as it is."""
    return f"{value:g}" if float(value).is_integer() else f"{value:.3f}"
