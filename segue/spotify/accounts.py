"""Spotify's accounts service: consent and tokens (OAuth 2.0, Authorization Code with the app's secret)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests

from segue.errors import AuthorizationExpiredError, SettingsError, SpotifyError, UnavailableError
from segue.settings import Settings
from segue.spotify.failures import rate_limited, unreachable

SCOPES = ("user-top-read", "user-read-recently-played", "playlist-modify-private", "playlist-read-private")
"""What Segue asks for: no more than it needs."""

TIMEOUT = (5, 20)


@dataclass(frozen=True)
class Tokens:
    """An answer of the token endpoint. The tokens themselves never show up in its `repr`.

    Attributes
    ----------
    access_token : str
        Opens the Web API for `expires_in` seconds.
    refresh_token : str or None
        Gets further access tokens; None where the old one stays valid.
    scopes : str
        What was granted, separated by spaces.
    expires_in : int
        Seconds.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    scopes: str
    expires_in: int


def authorize_url(settings: Settings, state: str, scopes: Sequence[str] = SCOPES) -> str:
    """Return the page where a listener gives consent; `state` comes back unchanged and must be compared."""
    query = {
        "client_id": settings.spotify_client_id,
        "response_type": "code",
        "redirect_uri": settings.spotify_redirect_uri,
        "scope": " ".join(scopes),
        "state": state,
    }
    return f"{settings.spotify_accounts_url.rstrip('/')}/authorize?{urlencode(query)}"


def exchange_code(settings: Settings, code: str) -> Tokens:
    """Return the tokens for a code that the redirect brought.

    Raises
    ------
    AuthorizationExpiredError
        If the code was used before, is too old, or belongs to another redirect URI.
    """
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": settings.spotify_redirect_uri}
    return _tokens(settings, form)


def refresh(settings: Settings, refresh_token: str) -> Tokens:
    """Return a fresh access token, and a new refresh token where Spotify sends one.

    Raises
    ------
    AuthorizationExpiredError
        If consent has ended or was withdrawn: never try the same token again.
    """
    return _tokens(settings, {"grant_type": "refresh_token", "refresh_token": refresh_token})


def _tokens(settings: Settings, form: Mapping[str, str]) -> Tokens:
    if settings.spotify_client_id is None or settings.spotify_client_secret is None:
        raise SettingsError("SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET must both be set")
    auth = (settings.spotify_client_id, settings.spotify_client_secret.get_secret_value())
    url = f"{settings.spotify_accounts_url.rstrip('/')}/api/token"
    try:
        response = requests.post(url, data=form, auth=auth, timeout=TIMEOUT)
    except requests.RequestException as failure:
        raise unreachable("log in to Spotify", failure) from None
    body = _body(response)
    if not response.ok:
        raise _refusal(response, str(body.get("error")))
    return Tokens(body["access_token"], body.get("refresh_token"), body.get("scope", ""), int(body["expires_in"]))


def _body(response: requests.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        body = None
    if response.ok and not (isinstance(body, dict) and {"access_token", "expires_in"} <= body.keys()):
        raise UnavailableError("Spotify's accounts service answered with something else than a token; try again later")
    return body if isinstance(body, dict) else {}


def _refusal(response: requests.Response, error: str) -> SpotifyError | SettingsError:
    if error == "invalid_grant":
        return AuthorizationExpiredError("Spotify's consent has ended or was withdrawn; log in again")
    if error == "invalid_client":
        return SettingsError("Spotify does not know this app: check SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET")
    if response.status_code == requests.codes.too_many_requests:
        return rate_limited("log in to Spotify", response.headers.get("Retry-After"))
    if response.status_code >= requests.codes.server_error:
        return UnavailableError(f"Spotify's accounts service is in trouble (status {response.status_code}); try later")
    return SpotifyError(f"Spotify's accounts service refused (status {response.status_code}: {error})")
