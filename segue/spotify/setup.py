"""Which Spotify app, or which sandbox, a command talks to."""

from __future__ import annotations

from segue.console import note
from segue.errors import SettingsError
from segue.sandbox import DEFAULT_PORT
from segue.sandbox.address import APP, at_sandbox, is_running, with_environment
from segue.settings import SPOTIFY_ACCOUNTS, SPOTIFY_API, Settings


def spotify_settings(settings: Settings) -> Settings:
    """Return the settings to reach Spotify with; call this before anything else that speaks to Spotify.

    Where nothing is set up and a sandbox is running at its usual port, that is used, and said so.

    Raises
    ------
    SettingsError
        If neither an app nor a sandbox is set up, or only half of one.
    """
    elsewhere = (settings.spotify_api_url != SPOTIFY_API, settings.spotify_accounts_url != SPOTIFY_ACCOUNTS)
    if any(elsewhere) and not all(elsewhere):
        raise SettingsError("set both SPOTIFY_API_URL and SPOTIFY_ACCOUNTS_URL, or neither")
    if settings.spotify_client_id and settings.spotify_client_secret:
        return settings
    if settings.spotify_client_id or settings.spotify_client_secret:
        raise SettingsError("set both SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET: only one of them is there")
    if any(elsewhere):
        return with_environment(settings, APP)
    if is_running(DEFAULT_PORT):
        note(f"no Spotify app is set up: using the sandbox at port {DEFAULT_PORT}")
        return at_sandbox(settings, DEFAULT_PORT)
    raise SettingsError(
        "no Spotify app is set up; put `segue sandbox --` before the command, as in `segue sandbox -- segue app`, "
        "or set SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET"
    )
