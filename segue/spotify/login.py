"""A login, from the page where a listener gives consent to the listener in the store."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from segue.errors import LoginError, SettingsError, WrongStateError
from segue.settings import Settings
from segue.spotify.accounts import authorize_url
from segue.spotify.session import connect
from segue.store import FeatureStore

LOOPBACK = ("127.0.0.1", "::1")
CALLBACK = "/auth/callback"
VERIFIER_BYTES = 48  # 64 characters; RFC 7636 wants 43 to 128


@dataclass(frozen=True)
class Login:
    """A login that has begun.

    Attributes
    ----------
    url : str
        The page where the listener gives consent.
    state, verifier : str
        What proves that an answer belongs to this login, and that whoever brings its code began it.
    """

    url: str = field(repr=False)
    state: str = field(repr=False)
    verifier: str = field(repr=False)


def begin_login(settings: Settings, login_hint: str | None = None) -> Login:
    """Begin a login; `login_hint` names who is to log in, for the sandbox.

    Raises
    ------
    SettingsError
        If no app is set up, or Spotify would refuse its redirect URI.
    """
    check_redirect_uri(settings.spotify_redirect_uri)
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(VERIFIER_BYTES)
    url = authorize_url(settings, state, verifier, login_hint)
    return Login(url, state, verifier)


def finish_login(store: FeatureStore, settings: Settings, login: Login, answer: Mapping[str, str]) -> str:
    """Store the listener who has given consent, and return their id.

    Parameters
    ----------
    store : FeatureStore
    settings : Settings
        The same as at the beginning.
    login : Login
        May be finished once.
    answer : mapping
        The query that Spotify's redirect brought: ``state``, and ``code`` or ``error``.

    Raises
    ------
    WrongStateError
        If the answer belongs to another login.
    LoginError
        If consent was denied.
    AuthorizationExpiredError
        If the code was used before or is too old.
    SpotifyError
        If Spotify refuses or does not answer; nothing is stored then.
    """
    if not secrets.compare_digest(answer.get("state", "").encode(), login.state.encode()):
        raise WrongStateError(
            "this answer does not belong to the login that was begun here (its state differs); log in anew"
        )
    if answer.get("error") == "access_denied":
        raise LoginError("consent was denied: nothing was connected; log in anew to decide otherwise")
    if "error" in answer or not answer.get("code"):
        raise LoginError("Spotify ended this login without consent; log in anew")
    return connect(store, settings, answer["code"], login.verifier)


def check_redirect_uri(uri: str) -> None:
    """Refuse a redirect URI that Spotify would refuse, or that nothing of Segue answers at.

    Raises
    ------
    SettingsError
        Saying what to write instead.
    """
    parts = urlsplit(uri)
    if parts.hostname == "localhost":
        instead = uri.replace("localhost", "127.0.0.1", 1)
        raise SettingsError(
            f"Spotify refuses redirect URIs at localhost: set SPOTIFY_REDIRECT_URI={instead}, "
            "and write the same into the app's settings in the Developer Dashboard"
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise SettingsError(
            f"SPOTIFY_REDIRECT_URI={uri} would be refused by Spotify: it must be https, or http at 127.0.0.1 or [::1]"
        )
    if parts.path != CALLBACK or parts.query or parts.fragment:
        raise SettingsError(f"SPOTIFY_REDIRECT_URI={uri} leads nowhere: it must end in {CALLBACK}")
