"""Spotify's own record of what somebody played, as it comes when they ask for their data.

There are two kinds: "Extended streaming history", and the older one that comes with "Account data". Of each play, what
is not named here is not read: neither where nor on which device it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import FailFast, Field, TypeAdapter, ValidationError

# Before Python 3.12 pydantic does not take the one of the standard library.
from typing_extensions import TypedDict

from app.uploads.songs import Named
from segue.errors import InputError
from segue.track_ids import read_track_id

NAMES = (b'"ms_played"', b'"msPlayed"')
"""How a file of either kind is recognized."""
MOST_VALUES = 2_000_000
"""Commas in a file. A real one of the largest size has a quarter of them."""
LEAST_PLAYED = 30_000
"""Milliseconds after which Spotify, too, counts a play."""
Text = Annotated[str, Field(max_length=1_000)]


class Play(TypedDict, total=False):
    """A row of either kind."""

    ms_played: int | None
    msPlayed: int | None
    spotify_track_uri: Text | None
    master_metadata_track_name: Text | None
    master_metadata_album_artist_name: Text | None
    trackName: Text | None
    artistName: Text | None
    skipped: bool | None


# Else a file of two million mistakes would be two million errors.
PLAYS: TypeAdapter[list[Play]] = TypeAdapter(Annotated[list[Play], FailFast()])


def is_history(head: bytes) -> bool:
    """Return whether a JSON file that begins so is such a record."""
    return any(name in head for name in NAMES)


def read_history(content: bytes) -> Iterator[Named]:
    """Yield every play of a song that lasted; podcasts and skipped songs are left out.

    Raises
    ------
    InputError
        If it is no such record, or not all of it.
    """
    yield from (named for play in _parse(content) if _lasted(play) and any(named := _named(play)))


def _parse(content: bytes) -> list[Play]:
    if content.count(b",") > MOST_VALUES:
        raise InputError("this file holds more than any listening history does")
    try:
        return PLAYS.validate_json(content)
    except ValidationError as error:
        (first,) = error.errors(include_url=False, include_input=False, include_context=False)
    if first["type"] == "json_invalid":
        raise InputError("this JSON file is damaged or cut off: download it again")
    if len(first["loc"]) > 1:
        row, column = first["loc"][:2]
        raise InputError("this is not what Spotify writes there", column=str(column), row=int(row) + 1)
    raise InputError("this JSON file is no listening history: choose the files Streaming_History_Audio_….json")


def _lasted(play: Play) -> bool:
    return not play.get("skipped") and (play.get("ms_played") or play.get("msPlayed") or 0) >= LEAST_PLAYED


def _named(play: Play) -> Named:
    """Return id, title and artist; none of them for an episode of a podcast."""
    if "msPlayed" in play:
        return None, play.get("trackName"), play.get("artistName")
    track_id = read_track_id(play.get("spotify_track_uri") or "")
    return track_id, play.get("master_metadata_track_name"), play.get("master_metadata_album_artist_name")
