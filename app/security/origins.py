"""No other website does anything in a visitor's name."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from app.security.refusing import API, refusal

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import ASGIApp, Receive, Scope, Send

HARMLESS = {"GET", "HEAD", "OPTIONS"}
"""Methods that change nothing."""


class OwnOrigin:
    """Middleware that refuses what another website's page sends, uploads included.

    Every browser says which page a request comes from. Programs do not: they may call the HTTP API, and whatever else
    there is as long as they send no cookie, so that it happens in nobody's name.

    Parameters
    ----------
    app : ASGI application
    hosts : collection of str
        Hosts (with their ports) that visitors know the app by, beside the one that it is asked for by.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self.app, self.hosts = app, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and scope["method"] not in HARMLESS and not self._is_ours(scope):
            refused = refusal(scope["path"], 403, "only the app's own pages may do this")
            await refused(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is None:
            return scope["path"].startswith(API) or "cookie" not in headers
        host = urlsplit(origin).netloc
        # A proxy in front of the app may pass on another Host than the one that visitors see.
        return bool(host) and host in {headers.get("host"), *self.hosts}
