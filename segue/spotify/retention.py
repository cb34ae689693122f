"""Rows about listeners live for a limited time, and no longer than the listener wants: Spotify's terms ask for both."""

from __future__ import annotations

from datetime import datetime, timedelta

from segue.groups import GROUPS, LISTENERS, FeatureGroup
from segue.store import FeatureStore

TIME_TO_LIVE = timedelta(days=30)
REVOKE_PAGE = "https://www.spotify.com/account/apps/"
"""Where listeners withdraw consent at Spotify itself, which has no call for it."""

PERSONAL = tuple(group for group in GROUPS if "listener_id" in group.columns and group is not LISTENERS)
"""What is kept about a listener, beside the row in `listeners`."""


def purge(store: FeatureStore, now: datetime) -> int:
    """Delete what nobody may keep any longer; every run that speaks to Spotify begins with this.

    That is each row about a listener whose ``expires_at`` has come, and each about somebody who is no listener any
    more: what a run was just writing when they disconnected.

    Returns
    -------
    int
        How many rows had expired.
    """
    expired = sum(_purge_expired(store, group, now) for group in PERSONAL if "expires_at" in group.columns)
    _purge_strangers(store)
    return expired


def forget(store: FeatureStore, listener_id: str) -> None:
    """Delete everything that is kept about a listener, at once: whatever happens, all of it is there or nothing."""
    store.delete_everywhere((LISTENERS, *PERSONAL), {"listener_id": listener_id})


def kept_about(store: FeatureStore, listener_id: str) -> dict[str, tuple[int, datetime | None]]:
    """Return how many rows each group keeps about a listener, and when the last of them will be gone.

    None where rows have no end of their own: they go when the listener disconnects.
    """
    kept: dict[str, tuple[int, datetime | None]] = {}
    for group in PERSONAL:
        ending = "expires_at" in group.columns
        rows = store.read(group, ["expires_at" if ending else "listener_id"], {"listener_id": listener_id})
        kept[group.name] = (len(rows), rows["expires_at"].max().to_pydatetime() if ending and len(rows) else None)
    return kept


def _purge_expired(store: FeatureStore, group: FeatureGroup, now: datetime) -> int:
    rows = store.read(group, ["listener_id", "expires_at"])
    expired = rows[rows["expires_at"] <= now]
    # By the time itself: a row that another program has just written anew has a later one, and stays.
    for listener_id, times in expired.groupby("listener_id")["expires_at"]:
        store.delete(group, {"listener_id": str(listener_id), "expires_at": times.unique().tolist()})
    return len(expired)


def _purge_strangers(store: FeatureStore) -> None:
    # Before the listeners: who connects in between is no stranger.
    mentioned = {group: set(store.read(group, ["listener_id"])["listener_id"]) for group in PERSONAL}
    listeners = set(store.read(LISTENERS, ["listener_id"])["listener_id"])
    for group, listener_ids in mentioned.items():
        strangers = listener_ids - listeners
        if strangers:
            store.delete(group, {"listener_id": sorted(strangers)})
