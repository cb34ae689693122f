"""What Segue asks a listener for: no more than it needs, and more only for a feature that is switched on."""

from __future__ import annotations

from segue.settings import Settings

SCOPES = ("user-top-read", "user-read-recently-played", "playlist-modify-private", "playlist-read-private")


def wanted_scopes(settings: Settings) -> tuple[str, ...]:
    """Return the scopes that a listener is asked for."""
    further = {"user-library-read": settings.saved_tracks, "ugc-image-upload": settings.covers}
    return (*SCOPES, *(scope for scope, is_on in further.items() if is_on))


def missing_scopes(settings: Settings, granted: str) -> tuple[str, ...]:
    """Return those of `wanted_scopes` that are not among `granted`, which are separated by spaces."""
    return tuple(scope for scope in wanted_scopes(settings) if scope not in granted.split())
