"""Plain text to paste into a message, or into another program that imports playlists."""

from __future__ import annotations

from collections.abc import Sequence

from app.exports.rows import Row


def to_lines(songs: Sequence[Row]) -> str:
    """Return one line for each song: ``title - artists``."""
    return "\n".join(" - ".join(filter(None, [song["title"], song["artists"]])) for song in songs)


def to_links(songs: Sequence[Row]) -> str:
    """Return the links of songs, one in each line; pasted into an open playlist at Spotify, they are added to it."""
    return "\n".join(song["url"] for song in songs if song["url"])
