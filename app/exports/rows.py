"""What is known of each song of a list that is exported."""

from __future__ import annotations

from typing import TypedDict


class Row(TypedDict):
    """The part of what `inference_pipeline.presenting.present` returns that files hold.

    ``url`` is empty for a song that Spotify does not have.
    """

    track_id: str
    title: str
    artists: str
    year: int | None
    url: str
