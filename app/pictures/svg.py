"""What every picture is made of: escaped text, a frame that scales, and the same told in a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

STYLE = """<style>
.picture { --mine: var(--accent); --new: light-dark(#0b6b63, #5fd9c8); margin: 0 0 1.5rem; color: var(--ink); }
.picture .panels { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; }
.picture .panel { flex: 1 1 18rem; max-width: 26rem; min-width: 0; }
.picture .wide { max-width: 40rem; }
.picture figure { margin: 0; }
.picture figcaption { margin: 0 0 .2rem; font-weight: 600; }
.picture p { margin: 0 0 .5rem; color: var(--ink); }
.picture svg { display: block; width: 100%; height: auto; overflow: visible; }
.picture svg.key { display: inline-block; width: .9em; height: .9em; margin: 0 .1em 0 .6em; vertical-align: -.05em; }
.picture text { fill: var(--ink); font: 12px var(--sans); }
.picture text.quiet { fill: var(--quiet); }
.picture text.strong { font-weight: 700; }
.picture text.end { text-anchor: end; }
.picture text.middle { text-anchor: middle; }
.picture text.halo { paint-order: stroke; stroke: var(--paper); stroke-width: 3.5px; stroke-linejoin: round;
  pointer-events: none; }
.picture .band { fill: var(--line); }
.picture .line { stroke: var(--edge); fill: none; }
.picture .mine { fill: var(--mine); }
.picture .new { fill: var(--new); }
.picture .mark { stroke: var(--paper); stroke-width: .8px; }
.picture .wide { container-type: inline-size; }
@container (min-width: 500px) {
  .picture .wide text { font-size: 7.6px; stroke-width: 2.5px; }
  .picture .wide .mark { transform: scale(.65); }
}
.picture details { margin-top: .4rem; overflow-x: auto; }
.picture summary { cursor: pointer; color: var(--ink); }
.picture table { border-collapse: collapse; font-size: .85rem; color: var(--ink); width: auto; }
.picture td, .picture th { text-align: left; padding: .15rem .8rem .15rem 0; border: 0; color: var(--ink); }
</style>"""
"""The colors are those of all pages (`app/layout/look/segue.css`), and one more for what is recommended."""

LETTER = 6.6
"""How wide a letter of 12 pixels is at most on average, for fonts differ."""


def text(x: float, y: float, content: str, kind: str = "") -> str:
    """Return a line of text that starts (or ends, or has its middle, as `kind` says) at x, with its baseline at y."""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}">{escape(content)}</text>'


def svg(width: float, height: float, title: str, parts: Iterable[str]) -> str:
    """Return a drawing that is as wide as there is room; `title` says what it shows to those who cannot see it."""
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(title)}">' + "".join(parts) + "</svg>"
    )


def panel(heading: str, drawing: str, kind: str = "") -> str:
    """Return a drawing with its heading."""
    return f'<figure class="panel {kind}"><figcaption>{escape(heading)}</figcaption>{drawing}</figure>'


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table, its first column naming the rows, folded up until it is asked for."""
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>' + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:]) + "</tr>"
        for row in rows
    )
    return (
        "<details><summary>The same as a table</summary>"
        f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></details>"
    )


def picture(sentence: str, panels: Iterable[str], more: str = "") -> str:
    """Return a whole picture: what it says, its panels side by side where there is room, and what follows them.

    Parameters
    ----------
    sentence : str
        Plain text.
    panels, more
        Markup.
    """
    return (
        f'<div class="picture">{STYLE}<p>{escape(sentence)}</p><div class="panels">{"".join(panels)}</div>{more}</div>'
    )


def shorten(label: str, width: float) -> str:
    """Return a label that fits into `width` pixels, with an ellipsis where something is left out."""
    most = max(2, int(width / LETTER))
    return label if len(label) <= most else label[: most - 1].rstrip() + "…"


def listing(words: Sequence[str]) -> str:
    """Return "a, b and c".

    >>> listing(["calm", "acoustic", "slow"])
    'calm, acoustic and slow'
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
