"""Who asks for a page, and from where, as far as the page's frame depends on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.layout.frame import Visit

if TYPE_CHECKING:
    from fastapi import Request

    from app.context import Context
    from segue.settings import Settings


def visit_of(context: Context, request: Request) -> Visit:
    """Return what the frame of the page that is asked for depends on."""
    path = request.url.path.rstrip("/") or "/"
    logged_in = context.listener_of(request) is not None
    return Visit(path, logged_in, _in_full(context.settings, request, path))


def _in_full(settings: Settings, request: Request, path: str) -> str:
    """Return where a page is on its own when it is inside the frame that a Space's page has for it."""
    # A browser that does not say what it asks for might be in the frame.
    framed = bool(settings.space_host) and request.headers.get("sec-fetch-dest", "iframe") in {"iframe", "frame"}
    return f"https://{settings.space_host}{path}" if framed else ""
