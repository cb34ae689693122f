"""From a listener in the store to a client that acts for them, and from a login to a listener in the store."""

from __future__ import annotations

from datetime import datetime, timezone

import pandas as pd

from segue.errors import AuthorizationExpiredError
from segue.groups import LISTENERS
from segue.locks import alone, listener_lock
from segue.settings import Settings
from segue.spotify.accounts import exchange_code, refresh
from segue.spotify.answers import found
from segue.spotify.budget import Budget
from segue.spotify.client import SpotifyClient
from segue.spotify.listeners import update_listener
from segue.spotify.vault import Vault
from segue.store import FeatureStore


def open_session(
    store: FeatureStore, settings: Settings, listener: pd.Series, budget: Budget | None = None
) -> SpotifyClient:
    """Return a client that acts for `listener` for an hour.

    Parameters
    ----------
    store : FeatureStore
        Where a new refresh token is saved, before the access token is used.
    settings : Settings
    listener : Series
        A row of the group `listeners`; the token is read anew.
    budget : Budget, optional
        Counts the calls of the client.

    Raises
    ------
    AuthorizationExpiredError
        If they must log in again; the dead token is gone and their status is "reconnect" then.
    SpotifyError, SettingsError
        If Spotify does not answer, or the key or the app's credentials are wrong: nothing has changed then.
    """
    listener_id = str(listener["listener_id"])

    def access_token() -> str:
        # In turns: where tokens rotate, of two programs that refresh one token the second would find it dead.
        if budget is not None:
            budget.token_requests += 1
        with alone(settings, token_lock(listener_id)):
            return _access_token(store, settings, listener_id)

    return SpotifyClient(access_token(), settings, refresh=access_token, count=None if budget is None else budget.count)


def token_lock(listener_id: str) -> str:
    """Return the name of the lock to hold while a listener's token is exchanged for another."""
    return listener_lock("token", listener_id)


def _access_token(store: FeatureStore, settings: Settings, listener_id: str) -> str:
    vault = Vault(settings)
    used = _stored_token(store, listener_id)
    # Every write is for the row with that very token: a login that came meanwhile stays.
    mine = {"listener_id": listener_id, "token": used}
    try:
        tokens = refresh(settings, vault.decrypt(used))
    except AuthorizationExpiredError:
        if _stored_token(store, listener_id) != used:
            return _access_token(store, settings, listener_id)
        store.update(LISTENERS, mine, {"token": None, "status": "reconnect"})
        raise
    if tokens.refresh_token is not None:
        store.update(LISTENERS, mine, {"token": vault.encrypt(tokens.refresh_token)})
    return tokens.access_token


def _stored_token(store: FeatureStore, listener_id: str) -> str:
    tokens = store.read(LISTENERS, ["token"], {"listener_id": listener_id})["token"].dropna()
    if tokens.empty:
        raise AuthorizationExpiredError("this listener must log in again")
    return str(tokens.iloc[0])


def connect(store: FeatureStore, settings: Settings, code: str, verifier: str) -> str:
    """Store the listener who has just given consent, and return their id.

    Someone who connects again keeps their playlists and settings. Their six months begin anew: only consent sets
    `consented_at`, a refresh does not.

    Parameters
    ----------
    code : str
        What Spotify's redirect brought; it can be used once.
    verifier : str
        Of the login that asked for it.

    Raises
    ------
    SpotifyError, SettingsError
        If Spotify refuses or does not answer; nothing is stored then.
    """
    tokens = exchange_code(settings, code, verifier)
    if tokens.refresh_token is None:
        raise AuthorizationExpiredError("Spotify granted no lasting access; log in again")
    profile = SpotifyClient(tokens.access_token, settings).me()
    listener_id = str(profile.get("account_id") or found(profile, "id"))
    login = {
        "service": settings.spotify_service,
        "display_name": profile.get("display_name"),
        "token": Vault(settings).encrypt(tokens.refresh_token),
        "scopes": tokens.scopes,
        "consented_at": datetime.now(timezone.utc),
        "status": "connected",
    }
    if store.read(LISTENERS, ["listener_id"], {"listener_id": listener_id}).empty:
        newcomer = {"listener_id": listener_id, **login, "coverage": None, "playlists": "{}", "settings": None}
        store.upsert(LISTENERS, pd.DataFrame([newcomer]))
    else:
        update_listener(store, listener_id, **login)
    return listener_id
