"""The listeners who connected an account at the service that is set up."""

from __future__ import annotations

from typing import Any

import pandas as pd

from segue.groups import LISTENERS
from segue.settings import Settings
from segue.store import FeatureStore


def service_listeners(store: FeatureStore, settings: Settings) -> pd.DataFrame:
    """Return the listeners of `settings.spotify_service`: connected ones, and those who must log in again."""
    return store.read(LISTENERS, where={"service": settings.spotify_service})


def connected_listeners(store: FeatureStore, settings: Settings) -> pd.DataFrame:
    """Return the listeners of `settings.spotify_service` who can be served."""
    return store.read(LISTENERS, where={"service": settings.spotify_service, "status": "connected"})


def name_of(listener: pd.Series) -> str:
    """Return what a listener calls themselves, or their id."""
    return str(listener["listener_id"] if pd.isna(listener["display_name"]) else listener["display_name"])


def update_listener(store: FeatureStore, listener_id: str, **changes: Any) -> None:
    """Change some columns of a listener and leave the others as they are; one who has disconnected stays away."""
    store.update(LISTENERS, {"listener_id": listener_id}, changes)
