"""The moods on a plane: how cheerful, how energetic, and which tracks of the listener's are in each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from app.pictures.layout import Box, first_free
from app.pictures.svg import LETTER, listing, picture, svg, table, text
from app.pictures.taste import ENDS
from app.pictures.tracks import rows_of
from inference_pipeline.library import Library
from inference_pipeline.moods import HIGH, MOODS, Ranges

WIDTH, HEIGHT = 340.0, 340.0
LEFT, TOP, SIDE = 24.0, 6.0, 308.0
LINE = 15.0


def moods_picture(library: Library, track_ids: Iterable[str], chosen: str | None = None) -> str:
    """Return a picture of the moods and of some tracks among them, as markup.

    Parameters
    ----------
    library : Library
    track_ids : iterable of str
        The listener's tracks; what is not in the catalog is left out.
    chosen : str, optional
        The mood to emphasize.
    """
    tracks = library.candidates.iloc[rows_of(library, track_ids)].dropna(subset=["valence", "energy"])
    moods = library.mood_ranges
    parts = [f'<rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}" class="line"/>', *_axes()]
    parts += [_dot(*at) for at in zip(tracks["valence"], tracks["energy"], strict=True)]
    # What is chosen comes last, and so on top.
    for name in sorted(moods, key=lambda name: name == chosen):
        parts.append(_area(_box(moods[name]), emphasized=name == chosen))
    parts += _names(moods, chosen)
    drawing = svg(
        WIDTH, HEIGHT, "The moods by how cheerful and how energetic a song is, with your songs as dots", parts
    )
    inside = {name: int(_within(tracks, ranges).sum()) for name, ranges in moods.items()}
    return picture(
        _sentence(inside, len(tracks), chosen), [f'<div class="panel">{drawing}</div>'], _table(moods, inside)
    )


def _sentence(inside: Mapping[str, int], n: int, chosen: str | None) -> str:
    if not n:
        return "Each box is a mood. None of your songs is on it yet."
    if chosen is not None and chosen in inside:
        return f"The thick box is {chosen}: {inside[chosen]} of your {n} songs have all that makes it."
    most = max(inside, key=lambda name: inside[name], default="")
    return f"Each box is a mood, each dot one of your {n} songs." + (
        f" No mood has more of them than {most}: {inside[most]}." if most and inside[most] else ""
    )


def _within(tracks: pd.DataFrame, ranges: Ranges) -> pd.Series:
    inside = pd.Series(data=True, index=tracks.index)
    for name, (low, high) in ranges.items():
        inside &= tracks[name].between(low, high)
    return inside


def _box(ranges: Ranges) -> Box:
    """Return where a mood is; as wide or as high as the plane where it does not say."""
    (left, right), (low, high) = (ranges.get(name, (0.0, 1.0)) for name in ("valence", "energy"))
    return LEFT + SIDE * left, TOP + SIDE * (1 - high), LEFT + SIDE * right, TOP + SIDE * (1 - low)


def _area(box: Box, *, emphasized: bool) -> str:
    left, top, right, bottom = box
    look = (
        "fill:var(--mine);fill-opacity:.16;stroke:var(--mine);stroke-width:3"
        if emphasized
        else ("fill:var(--mine);fill-opacity:.05;stroke:var(--edge);stroke-width:1.2;stroke-dasharray:5 3")
    )
    size = f'width="{right - left:.1f}" height="{bottom - top:.1f}"'
    return f'<rect x="{left:.1f}" y="{top:.1f}" {size} rx="3" style="{look}"/>'


def _dot(valence: float, energy: float) -> str:
    return f'<circle class="mine" cx="{LEFT + SIDE * valence:.1f}" cy="{TOP + SIDE * (1 - energy):.1f}" r="3"/>'


def _axes() -> list[str]:
    bottom, middle = TOP + SIDE, TOP + SIDE / 2
    upright = f'<g transform="rotate(-90 {LEFT - 8} {middle})">'
    return [
        text(LEFT, bottom + 18, "somber", "quiet"),
        text(LEFT + SIDE, bottom + 18, "cheerful", "quiet end"),
        f"{upright}{text(LEFT - 8 - SIDE / 2, middle, 'calm', 'quiet')}</g>",
        f"{upright}{text(LEFT - 8 + SIDE / 2, middle, 'energetic', 'quiet end')}</g>",
    ]


def _names(moods: Mapping[str, Ranges], chosen: str | None) -> list[str]:
    """Return the name of each mood within its box, where no other name is; the chosen one has the first choice."""
    placed: list[Box] = []
    drawn = []
    for name in sorted(moods, key=lambda name: name != chosen):
        width = LETTER * len(name) + 10
        found = first_free(_places(_box(moods[name]), width), placed)
        if found is not None:
            placed.append(found)
            left, _, right, bottom = found
            kind = "halo middle strong" if name == chosen else "halo middle"
            drawn.append(text((left + right) / 2, bottom - 4, name, kind))
    return drawn


def _places(box: Box, width: float) -> Iterable[Box]:
    """Yield where a name may be in a box: its corners, then anywhere along its edges."""
    left, top, right, bottom = box
    for share in (0.0, 1.0, 0.5, 0.25, 0.75):
        x = left + 3 + share * max(0.0, right - left - width - 6)
        for y in np.linspace(top + 3, max(top + 3, bottom - LINE - 3), 9)[[0, 8, 1, 7, 2, 6, 3, 5, 4]].tolist():
            yield x, y, x + width, y + LINE


def _table(moods: Mapping[str, Ranges], inside: Mapping[str, int]) -> str:
    rows = [
        (
            name,
            str(inside[name]),
            _limit(name, ranges, "tempo", "{:.0f} beats a minute"),
            _limit(name, ranges, "acousticness", "{:.0%}"),
            listing([ENDS[each][sign == HIGH] for each, sign in MOODS[name].directions.items() if each in ENDS]),
        )
        for name, ranges in moods.items()
    ]
    return table(("Mood", "Your songs", "Tempo", "Acoustic", "All that makes it"), rows)


def _limit(mood: str, ranges: Ranges, name: str, form: str) -> str:
    if name not in ranges:
        return "any"
    low, high = ranges[name]
    is_high = MOODS[mood].directions[name] == HIGH
    return f"from {form.format(low)}" if is_high else f"up to {form.format(high)}"
