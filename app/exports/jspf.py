"""JSPF, the playlist format of xspf.org in JSON, which ListenBrainz and other services import.

See https://xspf.org/jspf.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from app.exports.rows import Row


def to_jspf(songs: Sequence[Row], title: str) -> str:
    """Return songs as JSPF, each identified by its link at Spotify where it has one."""
    playlist = {"title": title, "creator": "Segue", "track": [_track(song) for song in songs]}
    return json.dumps({"playlist": playlist}, ensure_ascii=False, indent=1)


def _track(song: Row) -> dict[str, Any]:
    named: dict[str, Any] = {"title": song["title"], "creator": song["artists"]}
    if song["url"]:
        named |= {"identifier": [song["url"]], "info": song["url"]}
    return {key: value for key, value in named.items() if value}
