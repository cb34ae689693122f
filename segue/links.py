"""Where people can hear a track."""

from __future__ import annotations

MADE_UP = "made-up"
"""The source of tracks that Segue invented."""


def track_link(track_id: str, source: str) -> str:
    """Return the address of a track at Spotify; empty for one that was made up, which Spotify does not have."""
    return "" if source == MADE_UP else f"https://open.spotify.com/track/{track_id}"


def playlist_link(playlist_id: str | None, service: str) -> str:
    """Return the address of a playlist at Spotify; empty for one that is not made yet, or only in the sandbox."""
    return f"https://open.spotify.com/playlist/{playlist_id}" if playlist_id and service == "spotify" else ""
