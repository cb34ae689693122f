"""Cookies that hold an opaque id and nothing else, signed so that only ids of ours come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from segue.errors import SettingsError
from segue.spotify.vault import Vault

if TYPE_CHECKING:
    import gradio
    from fastapi import Request, Response

    from segue.settings import Settings

Name = Literal["segue_login", "segue_session"]


def set_cookie(settings: Settings, response: Response, name: Name, key: str, seconds: int) -> None:
    """Send an id along with a response, for `seconds`; no script and no other website's form gets hold of it."""
    response.set_cookie(
        name,
        Vault(settings).encrypt(f"{name}:{key}"),
        max_age=seconds,
        secure=settings.spotify_redirect_uri.startswith("https:"),
        httponly=True,
        samesite="lax",
    )


def read_cookie(settings: Settings, request: Request | gradio.Request, name: Name) -> str | None:
    """Return the id that a visitor brings; None where there is none, or one that is not ours."""
    sealed = request.cookies.get(name)
    if sealed is None:
        return None
    try:
        kind, _, key = Vault(settings).decrypt(sealed).partition(":")
    except (SettingsError, UnicodeError):
        return None
    return key if kind == name else None
