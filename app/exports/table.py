"""CSV, for spreadsheets and programs."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

from app.exports.rows import Row

HEADER = ("Rank", "Track ID", "Title", "Artists", "Year", "Link")
STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet would take a cell that begins so for a formula, and run it."""


def to_csv(songs: Sequence[Row]) -> str:
    """Return songs as CSV in UTF-8, with a mark by which spreadsheets know it.

    A cell that could be taken for a formula begins with an apostrophe.
    """
    text = StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(HEADER)
    for rank, song in enumerate(songs, start=1):
        cells = (song["track_id"], song["title"], song["artists"], song["year"] or "", song["url"])
        writer.writerow([rank, *map(_harmless, cells)])
    return "\ufeff" + text.getvalue()


def _harmless(cell: str | int) -> str | int:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(STARTS_FORMULA) else cell
