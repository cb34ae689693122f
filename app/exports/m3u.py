"""M3U8, which players and playlist tools open."""

from __future__ import annotations

from collections.abc import Sequence

from app.exports.rows import Row

UNKNOWN_LENGTH = -1


def to_m3u(songs: Sequence[Row], title: str) -> str:
    """Return songs as a playlist of links, each with its name in a comment; what has no link is only a comment."""
    lines = ["#EXTM3U", f"#PLAYLIST:{_line(title)}"]
    for song in songs:
        name = " - ".join(filter(None, [_line(song["artists"]), _line(song["title"])]))
        lines += [f"#EXTINF:{UNKNOWN_LENGTH},{name}", *filter(None, [song["url"]])]
    return "\n".join(lines) + "\n"


def _line(text: str) -> str:
    return " ".join(text.split())
