"""What is said of a visitor's file once it has been read."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from app.layout.note import noted, problem

if TYPE_CHECKING:
    from app.uploads.matching import Matched
    from app.uploads.songs import Songs


def file_note(read: Songs, matched: Matched) -> Any:
    """Return what the note becomes: how much of a file the catalog has, and what of it not."""
    if not matched.matched:
        none = "The song in it is not" if read.found == 1 else f"None of the {_count(read.found)} in it is"
        return problem(f"{none} in the catalog. {_missing(matched)}")
    most = f"; these are the {matched.songs:,} played most" if read.found > matched.songs else ""
    text = f"{_count(read.found)} in your file{most}. {_found(matched)} in the catalog."
    return noted(f'<p role="status">{escape(" ".join(filter(None, [text, _missing(matched)])))}</p>')


def _found(matched: Matched) -> str:
    if matched.songs == 1:
        return "It is"
    return f"{matched.matched:,} of them {'is' if matched.matched == 1 else 'are'}"


def _missing(matched: Matched) -> str:
    if not matched.missing:
        return ""
    more = matched.songs - matched.matched - len(matched.missing)
    return f"Not there: {', '.join(matched.missing)}{f', and {more:,} more' if more else ''}."


def _count(songs: int) -> str:
    return "1 song" if songs == 1 else f"{songs:,} songs"
