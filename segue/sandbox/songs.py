"""Songs as the sandbox's world knows them: those of the catalog, and made-up ones that it lacks."""

from __future__ import annotations

import hashlib
import string
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

COLUMNS = ("track_id", "title", "artists", "album", "year", "isrc", "explicit", "duration_ms")
"""The columns of the group `tracks` that a song is made of."""

_BASE62 = string.digits + string.ascii_letters
_EDITIONS = (" - Remastered {year}", " - {year} Remaster", " (Remastered)", " - Radio Edit", " - Single Version")
_FIRST = (
    "Paper",
    "Hollow",
    "Amber",
    "Second",
    "Winter",
    "Copper",
    "Silent",
    "Borrowed",
    "Northern",
    "Velvet",
    "Crooked",
    "Distant",
)
_SECOND = (
    "Lanterns",
    "Harbor",
    "Orchard",
    "Engine",
    "Letters",
    "Meridian",
    "Carousel",
    "Weather",
    "Machines",
    "Parade",
    "Rooms",
    "Rivers",
)
_BANDS = ("The {} {}", "{} and the {}", "{} {} Collective", "{} {}")


@dataclass(frozen=True)
class Song:
    """A track as Spotify would have it."""

    track_id: str
    title: str
    artists: tuple[str, ...]
    album: str
    year: int | None
    isrc: str | None
    explicit: bool
    duration_ms: int


def songs_of(catalog: pd.DataFrame) -> list[Song]:
    """Return the songs of the catalog's rows (`COLUMNS`), in order."""
    rows = catalog[list(COLUMNS)].astype(object)
    return [_song(*row) for row in rows.where(rows.notna(), None).itertuples(index=False)]


def _song(*values: Any) -> Song:
    known = dict(zip(COLUMNS, values, strict=True))
    title = known["title"] or "Untitled"
    return Song(
        track_id=known["track_id"],
        title=title,
        artists=tuple((known["artists"] or "Unknown artist").split(";")),
        album=known["album"] or title,
        year=None if known["year"] is None else int(known["year"]),
        isrc=known["isrc"],
        explicit=bool(known["explicit"]),
        duration_ms=int(known["duration_ms"] or 200_000),
    )


def spotify_id(*parts: str) -> str:
    """Return an id as Spotify's are, 22 characters, always the same for the same `parts`."""
    number = _number(*parts)
    digits = []
    for _ in range(22):
        number, digit = divmod(number, 62)
        digits.append(_BASE62[digit])
    return "".join(digits)


def other_release(song: Song) -> Song:
    """Return another release of the recording: another id, an edition more or less in the title, no shared ISRC."""
    track_id = spotify_id("release", song.track_id)
    edition = _EDITIONS[_number(track_id) % len(_EDITIONS)].format(year=max(song.year or 0, 2009))
    plain, _, suffix = song.title.partition(" - ")
    title = plain if "remaster" in suffix.lower() else song.title + edition
    return replace(song, track_id=track_id, title=title, isrc=None)


def same_isrc(song: Song) -> Song:
    """Return the same recording under another id and a title of its own, recognizable by its ISRC alone."""
    return replace(song, track_id=spotify_id("isrc", song.track_id), title=f"{song.title} (Deluxe Session)")


def missing_song(song: Song) -> Song:
    """Return a song by the same artist that no catalog has."""
    track_id = spotify_id("song", song.track_id)
    title = _title(track_id)
    return replace(song, track_id=track_id, title=title, album=title, isrc=None, artists=song.artists[:1])


def unknown_song(song: Song) -> Song:
    """Return a song by an artist of whom no catalog has heard."""
    track_id = spotify_id("artist", song.track_id)
    band = _BANDS[_number(track_id) % len(_BANDS)].format(*_title(track_id).split())
    return replace(missing_song(song), track_id=track_id, title=_title(track_id + "?"), artists=(band,))


def _title(seed: str) -> str:
    return f"{_FIRST[_number(seed, 'first') % len(_FIRST)]} {_SECOND[_number(seed, 'second') % len(_SECOND)]}"


def _number(*parts: str) -> int:
    return int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest(), "big")
