"""The map of the catalog with a listener's tracks, and what is recommended to them, on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.pictures.atlas import Atlas, Label
from app.pictures.layout import Box, first_free
from app.pictures.svg import LETTER, picture, svg, table, text
from app.pictures.tracks import rows_of

if TYPE_CHECKING:
    from app.engine import Mapped

SIDE = 340.0
LINE = 14.0
MOST_LABELS = 18
DIAMOND = "M0 -4.8L4.8 0L0 4.8L-4.8 0Z"
NO_MAP = "There is no map of the catalog yet: the next `segue train` draws one."


def map_picture(
    opened: Mapped,
    known: Sequence[str],
    recommended: Sequence[str],
    called: tuple[str, str] = ("yours", "recommended"),
) -> str:
    """Return the map with two kinds of marks, as markup.

    Parameters
    ----------
    opened : Mapped
    known, recommended : sequence of str
        Tracks drawn as dots, and others drawn as diamonds, by id; what is not in the catalog is left out.
    called : tuple of str
        What the two kinds are called.
    """
    atlas = opened.atlas
    if atlas is None:
        return picture(NO_MAP, [])
    dots, diamonds = (rows_of(opened.library, ids) for ids in (known, recommended))
    shown = _fitting(atlas.labels)
    address = f"/pictures/map.png?model={quote(opened.label)}"
    drawing = svg(
        SIDE,
        SIDE,
        "A map of the catalog: songs that are alike are near one another",
        [
            f'<image href="{address}" width="{SIDE:g}" height="{SIDE:g}"/>',
            *_marks(atlas, diamonds, "path", f'class="mark new" d="{DIAMOND}"'),
            *_marks(atlas, dots, "circle", 'class="mark mine" r="3.4"'),
            # Over the marks: of a name that is half hidden nothing is left, of a mark behind letters enough.
            *(text(SIDE * label.x, bottom, label.name, "halo middle") for label, bottom in shown),
        ],
    )
    legend = (
        f'<p><svg class="key" viewBox="-6 -6 12 12" aria-hidden="true"><circle class="mine" r="4"/></svg> '
        f"{len(dots)} {escape(called[0])} "
        f'<svg class="key" viewBox="-6 -6 12 12" aria-hidden="true"><path class="new" d="{DIAMOND}"/>'
        f"</svg> {len(diamonds)} {escape(called[1])}</p>"
    )
    near = [_nearest(atlas, [label for label, _ in shown], rows) for rows in (dots, diamonds)]
    told = table(("Near", *called), [(name, *(str(counts[name]) for counts in near)) for name in _order(near)])
    sentence = "Each song of the catalog has its place: what is near is alike."
    return picture(sentence, [f'<div class="panel wide">{legend}{drawing}</div>'], told)


def _fitting(labels: Iterable[Label]) -> list[tuple[Label, float]]:
    """Return the labels that do not lie on those before them, each with its baseline."""
    taken: list[Box] = []
    shown: list[tuple[Label, float]] = []
    for label in labels:
        found = first_free(_boxes(label), taken)
        if found is not None and len(shown) < MOST_LABELS:
            taken.append(found)
            shown.append((label, found[3] - 3))
    return shown


def _boxes(label: Label) -> Iterator[Box]:
    """Yield where a label may be: on its middle, a little above, a little below; nowhere beyond the map."""
    half = (LETTER * len(label.name) + 8) / 2
    left, right = SIDE * label.x - half, SIDE * label.x + half
    for shift in (0.0, -LINE, LINE):
        top = SIDE * label.y + shift - LINE / 2
        if left >= 0 and right <= SIDE and top >= 0 and top + LINE <= SIDE:
            yield left, top, right, top + LINE


def _marks(atlas: Atlas, rows: NDArray[np.intp], tag: str, shape: str) -> Iterator[str]:
    """Yield a mark for each row, an element of that tag, which says what song it is."""
    tracks = atlas.library.catalog.recordings.reindex(atlas.library.model.track_ids[rows])
    places = SIDE * atlas.positions[rows].astype("float64")
    for (x, y), title, artists in zip(places.tolist(), tracks["title"], tracks["artists"], strict=True):
        name = escape(" · ".join(str(part).replace(";", ", ") for part in (title, artists) if not pd.isna(part)))
        yield f'<g transform="translate({x:.1f} {y:.1f})"><{tag} {shape}><title>{name}</title></{tag}></g>'


def _nearest(atlas: Atlas, labels: Sequence[Label], rows: NDArray[np.intp]) -> Counter[str]:
    """Return how many of the rows are nearest to each label."""
    if not labels:
        return Counter()
    middles = np.array([(label.x, label.y) for label in labels])
    distances = np.linalg.norm(atlas.positions[rows].astype("float64")[:, None] - middles, axis=2)
    return Counter(labels[nearest].name for nearest in distances.argmin(axis=1))


def _order(counted: Sequence[Counter[str]]) -> list[str]:
    """Return the names, those first that are counted most often."""
    return [name for name, _ in sum(counted, Counter()).most_common()]
