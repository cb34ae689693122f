"""From a listener in the store to a client that acts for them, and from a login to a listener in the store."""

from __future__ import annotations

from datetime import datetime, timezone

import pandas as pd

from segue.errors import AuthorizationExpiredError
from segue.groups import LISTENERS
from segue.settings import Settings
from segue.spotify.accounts import exchange_code, refresh
from segue.spotify.client import SpotifyClient
from segue.spotify.listeners import update_listener
from segue.spotify.vault import Vault
from segue.store import FeatureStore


def open_session(store: FeatureStore, settings: Settings, listener: pd.Series) -> SpotifyClient:
    """Return a client that acts for `listener` for an hour.

    Parameters
    ----------
    store : FeatureStore
        Where a new refresh token is saved, before the access token is used.
    settings : Settings
    listener : Series
        A row of the group `listeners`.

    Raises
    ------
    AuthorizationExpiredError
        If they must log in again; the dead token is gone and their status is "reconnect" then.
    SpotifyError, SettingsError
        If Spotify does not answer, or the key or the app's credentials are wrong: nothing has changed then.
    """
    listener_id = str(listener["listener_id"])
    if pd.isna(listener["token"]):
        raise AuthorizationExpiredError("this listener must log in again")
    vault = Vault(settings)
    try:
        tokens = refresh(settings, vault.decrypt(str(listener["token"])))
    except AuthorizationExpiredError:
        update_listener(store, listener_id, token=None, status="reconnect")
        raise
    if tokens.refresh_token is not None:
        update_listener(store, listener_id, token=vault.encrypt(tokens.refresh_token))
    return SpotifyClient(tokens.access_token, settings)


def connect(store: FeatureStore, settings: Settings, code: str) -> str:
    """Store the listener who has just given consent, and return their id.

    Someone who connects again keeps their playlists.

    Parameters
    ----------
    code : str
        What Spotify's redirect brought; it can be used once.
    """
    tokens = exchange_code(settings, code)
    if tokens.refresh_token is None:
        raise AuthorizationExpiredError("Spotify granted no lasting access; log in again")
    profile = SpotifyClient(tokens.access_token, settings).me()
    listener_id = str(profile.get("account_id") or profile["id"])
    known = store.read(LISTENERS, ["coverage", "playlists"], {"listener_id": listener_id})
    row = {
        "listener_id": listener_id,
        "service": settings.spotify_service,
        "display_name": profile.get("display_name"),
        "token": Vault(settings).encrypt(tokens.refresh_token),
        "scopes": tokens.scopes,
        "consented_at": datetime.now(timezone.utc),
        "status": "connected",
        "coverage": None if known.empty else known["coverage"].iloc[0],
        "playlists": "{}" if known.empty else known["playlists"].iloc[0],
    }
    store.upsert(LISTENERS, pd.DataFrame([row]))
    return listener_id
