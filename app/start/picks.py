"""The songs that a visitor starts from. All that comes in here was sent by a browser, or by whoever likes to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from app.search import Song, songs
from segue.track_ids import read_track_id

if TYPE_CHECKING:
    from app.search import Search
    from segue.models.catalog import Catalog

MOST_PICKED = 50
MOST_SHARED = 20
"""Of the songs that an address holds."""
MOST_BROUGHT = 5_000
TRACK_ID = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{22}$")]
BROUGHT: TypeAdapter[dict[str, float]] = TypeAdapter(
    Annotated[dict[TRACK_ID, Annotated[float, Field(gt=0, le=1)]], Field(max_length=MOST_BROUGHT)],
)


def picked_songs(search: Search, catalog: Catalog, given: Any) -> tuple[list[Song], list[str]]:
    """Return the songs that a visitor has picked, and what was typed instead of one and means none.

    Parameters
    ----------
    given : list of str
        Ids of the catalog, or whatever was typed: that means what is found first for it. Anything else is nothing.
    """
    texts = [text for text in given if isinstance(text, str)][:MOST_PICKED] if isinstance(given, list) else []
    known = catalog.tracks.index
    found = {text: [text] if text in known else [song.track_id for song in search.find(text, 1)] for text in texts}
    picked = songs(catalog, [track_id for track_ids in found.values() for track_id in track_ids])
    return picked, [text for text, track_ids in found.items() if not track_ids]


def brought_songs(given: Any) -> dict[str, float]:
    """Return the preferences out of a visitor's file, as the browser kept them; nothing if it sends anything else."""
    try:
        return BROUGHT.validate_json(given, strict=True) if given and isinstance(given, str) else {}
    except ValidationError:
        return {}


def shared_songs(address: str) -> list[str]:
    """Return the track ids in the part of an address after ``songs=``; what is none, or too much, is left out."""
    return list(filter(None, map(read_track_id, address[:1000].split(","))))[:MOST_SHARED]


def share_address(track_ids: Sequence[str]) -> str:
    """Return the address at which others start from the same songs."""
    return f"/?songs={','.join(track_ids[:MOST_SHARED])}"
