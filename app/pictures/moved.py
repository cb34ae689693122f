"""How a listener's taste moved: the same genres and qualities of sound over three ranges of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from app.pictures.slopes import Line, slopes
from app.pictures.svg import listing, panel, picture, table
from app.pictures.taste import ENDS
from app.pictures.taste_numbers import genre_shares, percentiles
from app.pictures.tracks import rows_of
from inference_pipeline.library import Library
from segue.groups import GRADUAL_FEATURES

RANGES = {"long_term": "one year", "medium_term": "six months", "short_term": "four weeks"}
"""How far each looks back, as Spotify describes them: the shorter, the more it is about now."""
MOST_GENRES, MOST_FEATURES = 6, 3
NOTABLE = 0.01


def moved_picture(library: Library, listens: pd.DataFrame) -> str:
    """Return a picture of how taste moved, as markup; what ranges are missing is said in words.

    Parameters
    ----------
    library : Library
    listens : DataFrame
        The rows of the feature group `listens` of one listener.
    """
    ranges = {name: _tracks(library, listens[listens["source"] == name]) for name in RANGES}
    there = {name: tracks for name, tracks in ranges.items() if len(tracks)}
    missing = [RANGES[name] for name in RANGES if name not in there]
    if len(there) < 2:  # noqa: PLR2004 - it takes two to see a movement
        return picture("There is too little to see how this taste moved: Spotify tells of fewer than two times.", [])
    genres, sound = _genres(there), _sound(library, there)
    names = [RANGES[name] for name in there]
    drawn = [panel("Genres, in percent of the songs", slopes(genres, names))] if genres else []
    drawn += [panel("Sound, by its place among 100 songs", slopes(sound, names))] if sound else []
    gap = f" Spotify tells nothing of {listing(missing)}." if missing else ""
    return picture(_sentence(genres, names) + gap, drawn, _table(genres, sound, names))


def _tracks(library: Library, listens: pd.DataFrame) -> pd.DataFrame:
    return library.candidates.iloc[rows_of(library, listens["matched_track_id"].dropna())]


def _genres(there: Mapping[str, pd.DataFrame]) -> list[Line]:
    shares = pd.DataFrame({name: genre_shares(tracks, np.ones(len(tracks))) for name, tracks in there.items()})
    # A range of whose tracks no genre is known is a gap, not a fall to nothing.
    shares = shares.where(shares.notna() | ~shares.notna().any(), 0.0)
    largest = shares.max(axis=1).sort_values(ascending=False, kind="stable").index[:MOST_GENRES]
    return [Line(str(name), shares.loc[name].tolist()) for name in largest]


def _sound(library: Library, there: Mapping[str, pd.DataFrame]) -> list[Line]:
    lines = []
    for name in GRADUAL_FEATURES:
        medians = pd.Series([tracks[name].dropna().median() for tracks in there.values()], dtype="float64")
        if medians.notna().sum() > 1:
            places = percentiles(library.candidates[name], medians)
            lines.append(Line(ENDS[name][1], places.tolist()))
    return sorted(lines, key=lambda line: -float(np.nanmax(line.shares) - np.nanmin(line.shares)))[:MOST_FEATURES]


def _sentence(genres: Sequence[Line], names: Sequence[str]) -> str:
    changes = [(line.shares[-1] - line.shares[0], line.label) for line in genres]
    known = [change for change in changes if not np.isnan(change[0])]
    grown, shrunk = max(known, default=(0.0, "")), min(known, default=(0.0, ""))
    said = [f"more {grown[1]} (by {_points(grown[0])})"] if grown[0] > NOTABLE else []
    said += [f"less {shrunk[1]} (by {_points(-shrunk[0])})"] if shrunk[0] < -NOTABLE else []
    return f"In the last {names[-1]}, compared with {names[0]}: {' and '.join(said) or 'much the same genres'}."


def _points(change: float) -> str:
    return f"{round(100 * change)} in 100 songs"


def _table(genres: Sequence[Line], sound: Sequence[Line], names: Sequence[str]) -> str:
    rows = [(line.label, "{:.0%}", line.shares) for line in genres]
    rows += [
        (f"{line.label}, place among 100 songs", "{:.0f}", [100 * value for value in line.shares]) for line in sound
    ]
    return table(
        ("What", *names),
        [(name, *("–" if np.isnan(value) else form.format(value) for value in values)) for name, form, values in rows],
    )
