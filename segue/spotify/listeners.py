"""The listeners who connected an account at the service that is set up."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd

from segue.errors import InputError
from segue.groups import LISTENERS, RECOMMENDATIONS
from segue.settings import Settings
from segue.store import FeatureStore

FEW = 1000
"""Of so many listeners the rows are asked for one by one; of more, everybody's: a statement takes only so many values.
"""


def service_listeners(store: FeatureStore, settings: Settings) -> pd.DataFrame:
    """Return the listeners of `settings.spotify_service`: connected ones, and those who must log in again."""
    return store.read(LISTENERS, where={"service": settings.spotify_service})


def connected_listeners(
    store: FeatureStore, settings: Settings, listener_ids: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return the listeners of `settings.spotify_service` who can be served: all of them, or those of a few ids."""
    among = {} if listener_ids is None else {"listener_id": listener_ids}
    return store.read(LISTENERS, where={"service": settings.spotify_service, "status": "connected", **among})


def playlists_made(store: FeatureStore, listener_ids: Collection[str]) -> pd.DataFrame:
    """Return when each playlist of these listeners was last made, of many listeners those of others, too.

    Returns
    -------
    DataFrame
        listener_id, playlist, made_at: a row for each playlist.
    """
    # Every playlist has a first track.
    wanted = {"listener_id": list(listener_ids)} if len(listener_ids) <= FEW else {}
    return store.read(RECOMMENDATIONS, ["listener_id", "playlist", "made_at"], {"rank": 1, **wanted})


def name_of(listener: pd.Series) -> str:
    """Return what a listener calls themselves, or their id."""
    return str(listener["listener_id"] if pd.isna(listener["display_name"]) else listener["display_name"])


def update_listener(store: FeatureStore, listener_id: str, **changes: Any) -> None:
    """Change some columns of a listener and leave the others as they are; one who has disconnected stays away."""
    store.update(LISTENERS, {"listener_id": listener_id}, changes)


def ask_to_log_in(store: FeatureStore, listener: pd.Series) -> None:
    """Set down that Spotify no longer accepts a listener's login, as it was when their row was read.

    A login that came meanwhile stays: only consent sets `consented_at`.
    """
    mine = {column: [listener[column]] for column in ("listener_id", "consented_at")}
    store.update(LISTENERS, mine, {"token": None, "status": "reconnect"})


def find_listener(store: FeatureStore, asked: str | None) -> pd.Series:
    """Return the listener with that id or display name, of any service; without either, the only one there is.

    Raises
    ------
    InputError
        If there is none, or more than one.
    """
    return _find(store.read(LISTENERS), asked)


def find_connected(store: FeatureStore, settings: Settings, asked: str) -> str:
    """Return the id of the listener with that id or display name, if they can be served.

    Raises
    ------
    InputError
        If there is none at the service that is set up, or more than one, or they must log in again.
    """
    found = _find(service_listeners(store, settings), asked)
    if found["status"] != "connected":
        raise InputError(f"{name_of(found)} must log in again")
    return str(found["listener_id"])


def _find(known: pd.DataFrame, asked: str | None) -> pd.Series:
    found = known
    if asked is not None:
        # An id comes first: nobody is mistaken for a listener by calling themselves what their id is.
        by_id = known[known["listener_id"] == asked]
        found = known[known["display_name"] == asked] if by_id.empty else by_id
    if len(found) == 1:
        return found.iloc[0]
    if known.empty:
        raise InputError("nobody is connected")
    whom = "" if asked is None else f" {asked!r}"
    choices = ", ".join(f"{name_of(listener)} ({listener['listener_id']})" for _, listener in known.iterrows())
    raise InputError(f"{'no' if found.empty else 'more than one'} listener{whom}: name one of {choices}")
