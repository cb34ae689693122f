"""Tracks that Spotify no longer takes: a single one makes the whole write of a playlist fail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from math import ceil, log2

import pandas as pd

from segue.errors import AmbiguousWriteError
from segue.groups import UNAVAILABLE
from segue.settings import Settings
from segue.spotify.client import WRITE_CHUNK, SpotifyClient
from segue.store import FeatureStore

TIME_TO_LIVE = timedelta(days=30)
"""How long a track stays away: Spotify may have it again."""


def find_dead_track(client: SpotifyClient, playlist_id: str, track_ids: Sequence[str]) -> str | None:
    """Find a track that cannot be written, by writing halves; the playlist is left with one of them.

    Writes replace, so what came of the last one need not be read. None where there is none, and Spotify is only in
    trouble: it does not even take an empty list, or takes the last suspect.
    """
    if not _can_be_written(client, playlist_id, []):
        return None
    suspects = list(track_ids)
    while len(suspects) > 1:
        half = suspects[: len(suspects) // 2]
        suspects = suspects[len(half) :] if _can_be_written(client, playlist_id, half) else half
    # Twice, since whoever is blamed stays away for a month.
    healthy = _can_be_written(client, playlist_id, suspects) or _can_be_written(client, playlist_id, suspects)
    return None if healthy else suspects[0]


def calls_to_find(n_tracks: int) -> int:
    """Return how many calls finding a dead track among `n_tracks` takes at most."""
    return (ceil(log2(max(n_tracks, 1))) + 3) * ceil(n_tracks / WRITE_CHUNK)


def note_unavailable(store: FeatureStore, settings: Settings, track_id: str, now: datetime) -> None:
    """Remember that a track cannot be written, so that it is not recommended for a month."""
    row = {"service": settings.spotify_service, "track_id": track_id, "found_at": now, "expires_at": now + TIME_TO_LIVE}
    store.upsert(UNAVAILABLE, pd.DataFrame([row]))


def unavailable_tracks(store: FeatureStore, settings: Settings) -> frozenset[str]:
    """Return the tracks that must not be recommended now."""
    found = store.read(UNAVAILABLE, where={"service": settings.spotify_service})
    return frozenset(found.loc[found["expires_at"] > datetime.now(timezone.utc), "track_id"])


def purge_unavailable(store: FeatureStore, now: datetime) -> None:
    """Delete the rows whose time has come."""
    times = store.read(UNAVAILABLE, ["expires_at"])["expires_at"]
    if past := times[times <= now].unique().tolist():
        store.delete(UNAVAILABLE, {"expires_at": past})


def _can_be_written(client: SpotifyClient, playlist_id: str, track_ids: Sequence[str]) -> bool:
    try:
        client.replace_tracks(playlist_id, track_ids)
    except AmbiguousWriteError:
        return False
    return True
