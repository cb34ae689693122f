"""Whether Spotify knows the app, and would send people back to it."""

from __future__ import annotations

from urllib.parse import urlsplit

from segue.doctor.finding import Finding, fix, note, ok
from segue.errors import UnavailableError
from segue.sandbox import DEFAULT_PORT
from segue.sandbox.address import is_running
from segue.settings import SPOTIFY_ACCOUNTS, Settings
from segue.spotify.accounts import check_app
from segue.spotify.login import CALLBACK, check_redirect_uri
from segue.spotify.setup import spotify_settings


def check_credentials(settings: Settings) -> Finding:
    """Ask the accounts service for an access token of the app's own, which concerns no listener and is thrown away."""
    own = settings.spotify_client_id or settings.spotify_client_secret
    if not own and settings.spotify_accounts_url == SPOTIFY_ACCOUNTS and not is_running(DEFAULT_PORT):
        return note("no app is set up; the sandbox needs none, and docs/accounts.md says how to set one up")
    settings = spotify_settings(settings)
    host = urlsplit(settings.spotify_accounts_url).netloc
    try:
        check_app(settings)
    except UnavailableError as error:
        return note(f"the app's credentials are set, and could not be tried: {error}")
    return ok(f"{host} accepts the app's credentials")


def check_redirect(settings: Settings) -> Finding:
    """Look at the form of the redirect URI: whether the dashboard has it, too, only a login shows."""
    uri = settings.spotify_redirect_uri
    check_redirect_uri(uri)
    if settings.space_host and urlsplit(uri).hostname != settings.space_host:
        return fix(
            f"on this Space, set SPOTIFY_REDIRECT_URI=https://{settings.space_host}{CALLBACK}, also in the dashboard"
        )
    return ok(f"{uri}; the app's settings in the Developer Dashboard must have the same, letter by letter")
