"""The made-up listeners of the sandbox: the only ones whose playlists everybody may look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segue.groups import LISTENERS

if TYPE_CHECKING:
    from segue.store import FeatureStore

DEMO = {"service": "sandbox"}


def demo_listeners(store: FeatureStore) -> list[tuple[str, str]]:
    """Return name and id of every demo listener, by name."""
    listeners = store.read(LISTENERS, ["display_name", "listener_id"], DEMO)
    named = listeners.assign(display_name=listeners["display_name"].fillna(listeners["listener_id"]))
    return list(named.sort_values("display_name").itertuples(index=False, name=None))


def is_demo(store: FeatureStore, listener_id: object) -> bool:
    """Return whether that is the id of a demo listener, whatever a visitor may have sent for one."""
    # The store takes a list for any of its members.
    if not isinstance(listener_id, str):
        return False
    return not store.read(LISTENERS, ["listener_id"], {**DEMO, "listener_id": listener_id}).empty
