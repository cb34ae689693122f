"""Spotify's accounts service: consent and tokens (OAuth 2.0, Authorization Code with the app's secret and PKCE)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
from authlib.integrations.requests_client import OAuth2Session
from tenacity import nap

from segue.errors import AuthorizationExpiredError, SettingsError, SpotifyError, UnavailableError
from segue.settings import Settings
from segue.spotify.failures import never_connected, rate_limited, unreachable
from segue.spotify.retrying import retrying

SCOPES = ("user-top-read", "user-read-recently-played", "playlist-modify-private", "playlist-read-private")
"""What every listener is asked for: no more than Segue needs."""

TIMEOUT = (5, 20)
CONSENT_ENDED = "Spotify's consent has ended or was withdrawn; log in again"
CODE_REFUSED = (
    "Spotify did not take the code of this login: it was used before, is too old, or was made for another "
    "SPOTIFY_REDIRECT_URI; log in again"
)
NO_TOKEN = "Spotify's accounts service answered with something else than a token; try again later"  # noqa: S105 - a text


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


def wanted_scopes(settings: Settings) -> tuple[str, ...]:
    """Return the scopes that a listener is asked for: `SCOPES`, and more for a feature that is switched on."""
    further = {"user-library-read": settings.saved_tracks, "ugc-image-upload": settings.covers}
    return (*SCOPES, *(scope for scope, is_on in further.items() if is_on))


def missing_scopes(settings: Settings, granted: str) -> tuple[str, ...]:
    """Return those of `wanted_scopes` that are not among `granted`, which are separated by spaces."""
    return tuple(scope for scope in wanted_scopes(settings) if scope not in granted.split())


def authorize_url(settings: Settings, state: str, verifier: str, login_hint: str | None = None) -> str:
    """Return the page where a listener gives consent to `wanted_scopes`.

    Parameters
    ----------
    settings : Settings
    state : str
        Comes back unchanged and must be compared.
    verifier : str
        Of PKCE (RFC 7636): the page gets its SHA-256 hash only, `exchange_code` must be given itself.
    login_hint : str, optional
        Who is to log in; Spotify ignores it, the sandbox takes it for consent.
    """
    hint = {} if login_hint is None else {"login_hint": login_hint}
    with _oauth(settings, CODE_REFUSED) as oauth:
        page = f"{settings.spotify_accounts_url.rstrip('/')}/authorize"
        url, _ = oauth.create_authorization_url(page, state, verifier, scope=" ".join(wanted_scopes(settings)), **hint)
    return str(url)


def exchange_code(settings: Settings, code: str, verifier: str) -> Tokens:
    """Return the tokens for a code that the redirect brought.

    Raises
    ------
    AuthorizationExpiredError
        If the code was used before, is too old, or belongs to another redirect URI or verifier.
    """
    with _oauth(settings, CODE_REFUSED) as oauth:
        return _tokens(
            lambda: oauth.fetch_token(grant_type="authorization_code", code=code, code_verifier=verifier), None
        )


def refresh(settings: Settings, refresh_token: str) -> Tokens:
    """Return a fresh access token, and a new refresh token where Spotify sends one.

    Repeated a few times when Spotify is in trouble, but not when an answer was lost.

    Raises
    ------
    AuthorizationExpiredError
        If consent has ended or was withdrawn: never try the same token again.
    """
    with _oauth(settings, CONSENT_ENDED) as oauth:

        def ask() -> dict[str, Any]:
            try:
                return dict(oauth.refresh_token(refresh_token=refresh_token))
            except requests.RequestException as failure:
                if never_connected(failure):
                    raise _unreachable(failure) from None
                # Not again: the answer that was lost may have brought the next token and ended this one.
                raise

        return _tokens(lambda: retrying(nap.sleep)(ask), refresh_token)


def check_app(settings: Settings) -> None:
    """Ask for an access token of the app's own (client credentials), and throw it away.

    That is how one sees whether Spotify knows the app.

    Raises
    ------
    SettingsError
        If it does not.
    SpotifyError
        If Spotify refuses for another reason, or does not answer.
    """
    with _oauth(settings, CODE_REFUSED) as oauth:
        _tokens(lambda: oauth.fetch_token(grant_type="client_credentials"), None)


def _oauth(settings: Settings, ended: str) -> OAuth2Session:
    if settings.spotify_client_id is None or settings.spotify_client_secret is None:
        raise SettingsError("SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET must both be set")
    oauth = OAuth2Session(
        settings.spotify_client_id,
        settings.spotify_client_secret.get_secret_value(),
        redirect_uri=settings.spotify_redirect_uri,
        code_challenge_method="S256",
        token_endpoint=f"{settings.spotify_accounts_url.rstrip('/')}/api/token",
        default_timeout=TIMEOUT,
    )

    def check(response: requests.Response) -> requests.Response:
        _check(response, ended)
        return response

    # Before authlib reads an answer: it knows neither Retry-After nor pages that are no JSON.
    oauth.register_compliance_hook("access_token_response", check)
    oauth.register_compliance_hook("refresh_token_response", check)
    return oauth


def _tokens(ask: Callable[[], dict[str, Any]], old: str | None) -> Tokens:
    try:
        token = ask()
    except requests.exceptions.InvalidJSONError:
        raise UnavailableError(NO_TOKEN) from None
    except requests.RequestException as failure:
        raise _unreachable(failure) from None
    new = token.get("refresh_token")
    # authlib fills in the old one where Spotify sent none.
    return Tokens(
        token["access_token"], None if new == old else new, token.get("scope") or "", int(token["expires_in"])
    )


def _unreachable(failure: requests.RequestException) -> UnavailableError:
    return unreachable("log in to Spotify", failure)


def _check(response: requests.Response, ended: str) -> None:
    try:
        body = response.json()
    except ValueError:
        body = None
    body = body if isinstance(body, dict) else {}
    if not response.ok:
        raise _refusal(response, str(body.get("error")), ended)
    if not {"access_token", "expires_in"} <= body.keys():
        raise requests.exceptions.InvalidJSONError(NO_TOKEN)


def _refusal(response: requests.Response, error: str, ended: str) -> SpotifyError | SettingsError:
    if error == "invalid_grant":
        return AuthorizationExpiredError(ended)
    if error == "invalid_client":
        return SettingsError("Spotify does not know this app: check SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET")
    if response.status_code == requests.codes.too_many_requests:
        return rate_limited("log in to Spotify", response.headers.get("Retry-After"))
    if response.status_code >= requests.codes.server_error:
        return UnavailableError(f"Spotify's accounts service is in trouble (status {response.status_code}); try later")
    return SpotifyError(f"Spotify's accounts service refused (status {response.status_code}: {error})")
