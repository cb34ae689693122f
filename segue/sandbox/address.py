"""Where a sandbox is found, and the app that it knows."""

from __future__ import annotations

from collections.abc import Mapping

import requests

from segue.settings import Settings

CLIENT_ID = "segue-sandbox"
CLIENT_SECRET = "nothing-to-hide"  # noqa: S105 - opens made-up accounts on this machine and nothing else
APP = {"SPOTIFY_CLIENT_ID": CLIENT_ID, "SPOTIFY_CLIENT_SECRET": CLIENT_SECRET}
GREETING = "segue sandbox"


def environment(port: int) -> dict[str, str]:
    """Return the environment variables with which Segue uses the sandbox at `port`."""
    origin = f"http://127.0.0.1:{port}"
    return {
        "SPOTIFY_API_URL": f"{origin}/v1/",
        "SPOTIFY_ACCOUNTS_URL": origin,
        "SPOTIFY_REDIRECT_URI": "http://127.0.0.1:7860/auth/callback",
        **APP,
    }


def at_sandbox(settings: Settings, port: int) -> Settings:
    """Return `settings` as they are with `environment(port)`."""
    return with_environment(settings, environment(port))


def with_environment(settings: Settings, variables: Mapping[str, str]) -> Settings:
    """Return `settings` as they would be with these environment variables."""
    present = {str(field.validation_alias): getattr(settings, name) for name, field in Settings.model_fields.items()}
    return Settings(**{**present, **variables})


def is_running(port: int) -> bool:
    """Return whether a sandbox, and no other program, answers at `port`."""
    try:
        answer = requests.get(f"http://127.0.0.1:{port}/", timeout=1)
    except requests.RequestException:
        return False
    return answer.text == GREETING
