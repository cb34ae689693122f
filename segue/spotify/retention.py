"""Rows about listeners live for a limited time, and no longer than the listener wants: Spotify's terms ask for both."""

from __future__ import annotations

from datetime import datetime, timedelta

from segue.groups import FEEDBACK, LISTENERS, LISTENS, RECOMMENDATIONS, SERVED, FeatureGroup
from segue.store import FeatureStore

TIME_TO_LIVE = timedelta(days=30)
PERSONAL = (LISTENS, FEEDBACK, RECOMMENDATIONS, SERVED)
"""What is kept about a listener, beside the row in `listeners`."""


def purge_expired(store: FeatureStore, group: FeatureGroup, now: datetime) -> int:
    """Delete every listener's rows of `group` whose ``expires_at`` has come, and return how many."""
    rows = store.read(group, ["listener_id", "expires_at"])
    expired = rows["expires_at"] <= now
    for listener_id in rows.loc[expired, "listener_id"].unique():
        of_listener = {"listener_id": str(listener_id)}
        kept = store.read(group, where=of_listener)
        store.replace(group, kept[kept["expires_at"] > now], of_listener)
    return int(expired.sum())


def forget(store: FeatureStore, listener_id: str) -> None:
    """Delete everything that is kept about a listener: the account itself first, so that nothing new is fetched.

    A store changes one group at a time. If this is killed half way, `purge_strangers` ends it in the next run.
    """
    for group in (LISTENERS, *PERSONAL):
        store.delete(group, {"listener_id": listener_id})


def purge_strangers(store: FeatureStore) -> None:
    """Delete every row about somebody who is no listener any more: what a run was just writing when they left."""
    # Before the listeners: who connects in between is no stranger.
    mentioned = {group: set(store.read(group, ["listener_id"])["listener_id"]) for group in PERSONAL}
    listeners = set(store.read(LISTENERS, ["listener_id"])["listener_id"])
    for group, listener_ids in mentioned.items():
        strangers = listener_ids - listeners
        if strangers:
            store.delete(group, {"listener_id": sorted(strangers)})
