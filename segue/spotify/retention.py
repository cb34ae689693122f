"""Rows about listeners live for a limited time: Spotify's terms allow no indefinite storage."""

from __future__ import annotations

from datetime import datetime, timedelta

from segue.groups import FeatureGroup
from segue.store import FeatureStore

TIME_TO_LIVE = timedelta(days=30)


def purge_expired(store: FeatureStore, group: FeatureGroup, now: datetime) -> int:
    """Delete every listener's rows of `group` whose ``expires_at`` has come, and return how many."""
    rows = store.read(group, ["listener_id", "expires_at"])
    expired = rows["expires_at"] <= now
    for listener_id in rows.loc[expired, "listener_id"].unique():
        of_listener = {"listener_id": str(listener_id)}
        kept = store.read(group, where=of_listener)
        store.replace(group, kept[kept["expires_at"] > now], of_listener)
    return int(expired.sum())
