"""Tables of songs, such as those that Exportify makes of a playlist."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from itertools import islice

from app.uploads.songs import COLUMNS, Named
from segue.errors import InputError
from segue.track_ids import read_track_id

NAMES = {
    "track_id": ("track uri", "spotify uri", "uri", "track id", "spotify id", "spotify - id", "id", "url", "link"),
    "title": ("track name", "track title", "title", "name", "track", "song"),
    "artists": ("artist name(s)", "artist name", "artist names", "artists", "artist"),
}
"""What the columns are called in the tables that people have, in lower case, the surest first."""
DELIMITERS = (",", ";", "\t")
MOST_ROWS = 20_000
MOST_HEADER = 10_000


def delimiter_of(text: str) -> str | None:
    """Return what separates the columns of a table of songs; None if this is no such table."""
    first = text[: MOST_HEADER + 1].partition("\n")[0]
    if len(first) > MOST_HEADER:
        return None
    return next((each for each in DELIMITERS if _is_enough(_places(first.strip().split(each)))), None)


def read_table(text: str, delimiter: str) -> Iterator[Named]:
    """Yield what each row of a table names.

    Raises
    ------
    InputError
        If it is no whole table.
    """
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    try:
        places = _places(next(rows))
        for row in islice(rows, MOST_ROWS):
            track_id, title, artists = (_cell(row, places.get(name)) for name in COLUMNS)
            named = (read_track_id(track_id or ""), title, artists)
            if any(named):
                yield named
    except csv.Error:
        raise InputError("this table is damaged: export it again") from None


def _places(header: list[str]) -> dict[str, int]:
    known = [cell.strip().strip('"').replace("_", " ").lower() for cell in header]
    found = {column: next((name for name in names if name in known), None) for column, names in NAMES.items()}
    return {column: known.index(name) for column, name in found.items() if name is not None}


def _is_enough(places: dict[str, int]) -> bool:
    return len(places) > 1 or "track_id" in places


def _cell(row: list[str], place: int | None) -> str | None:
    return None if place is None or place >= len(row) else row[place].strip() or None
