"""A track as Spotify names it in a listener's lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PlayedTrack:
    """A track that a listener has been playing.

    Attributes
    ----------
    track_id, title
        Spotify's.
    artists : tuple of str
        Names, the first one first.
    isrc : str or None
        International Standard Recording Code, where Spotify gives it.
    """

    track_id: str
    title: str
    artists: tuple[str, ...]
    isrc: str | None

    @classmethod
    def parse(cls, body: Mapping[str, Any] | None) -> PlayedTrack | None:
        """Read a track object; None for what is no track of Spotify's, such as a local file or a null entry."""
        if not body or not body.get("id") or body.get("type", "track") != "track":
            return None
        names = (artist.get("name") for artist in body.get("artists") or () if artist)
        isrc = (body.get("external_ids") or {}).get("isrc")
        return cls(body["id"], body.get("name") or "", tuple(name for name in names if name), isrc)
