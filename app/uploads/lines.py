"""Plain lists: one song in each line, as a link, an id, or "title - artist"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from itertools import islice

from app.uploads.songs import Named
from segue.track_ids import read_track_id

# The first blank of several alone: looking from each of them would take a hostile line quadratic time.
BETWEEN = re.compile(r"(?<!\s)\s+[-–—·]\s+")
NUMBER = re.compile(r"^\s*\d{1,4}[.)]\s+")
MOST_LINES = 20_000
LONGEST = 500


def read_lines(text: str) -> Iterator[Named]:
    """Yield what each line names; comments, as playlist files have them, are left out."""
    lines = (line.strip() for line in islice(StringIO(text), MOST_LINES))
    yield from (_named(line[:LONGEST]) for line in lines if line and not line.startswith("#"))


def _named(line: str) -> Named:
    track_id = read_track_id(line)
    if track_id:
        return track_id, None, None
    # A title may have a dash of its own: "Help! - Remastered 2009 - The Beatles".
    *title, artists = BETWEEN.split(NUMBER.sub("", line))
    return (None, " - ".join(title), artists) if title else (None, artists, None)
