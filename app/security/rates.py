"""Nobody takes the app away from the others by asking too often."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import TYPE_CHECKING

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request

from app.accounts.cookies import read_cookie
from app.security.refusing import refusal

if TYPE_CHECKING:
    import gradio
    from starlette.types import ASGIApp, Receive, Scope, Send

    from segue.settings import Settings

RATES: tuple[tuple[str, str | None, RateLimitItem], ...] = (
    ("/gradio_api/upload", "POST", RateLimitItemPerMinute(30, namespace="uploads")),
    ("/auth/", None, RateLimitItemPerMinute(60, namespace="logins")),
    ("/api/", None, RateLimitItemPerMinute(240, namespace="api")),
    ("/export", None, RateLimitItemPerMinute(60, namespace="files")),
    ("/status", None, RateLimitItemPerMinute(60, namespace="status")),
    ("/gradio_api/", "POST", RateLimitItemPerMinute(600, namespace="events")),
    ("/", None, RateLimitItemPerMinute(6_000, namespace="everything else")),
)
"""How often one visitor may ask, by how a path begins and by method (None: any); the first that fits counts.

A page takes some 75 requests, and whoever types fast in the search makes a few events a second. Many people may be
behind one address.
"""

DRAWERS = 4_096


@dataclass(frozen=True)
class Counting:
    """Counts what each visitor asked in the last minute, in a fixed number of drawers.

    However many addresses somebody has, they fill no more memory than that; two visitors share a drawer by chance,
    and nobody can choose whose.
    """

    limiter: MovingWindowRateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()))
    salt: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def wait(self, rate: RateLimitItem, visitor: str) -> int:
        """Count a request; return the seconds after which it may be asked again, 0 where it is let in."""
        digest = blake2b(visitor.encode(), key=self.salt, digest_size=4).digest()
        drawer = str(int.from_bytes(digest, "big") % DRAWERS)
        if self.limiter.hit(rate, drawer):
            return 0
        return max(1, ceil(self.limiter.get_window_stats(rate, drawer).reset_time - time.time()))


class RateLimit:
    """Middleware that answers 429 to whoever asks too often, with when to ask again.

    Parameters
    ----------
    app : ASGI application
    settings : Settings
        Opens the cookies of sessions.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.settings, self.counting = app, settings, Counting()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        wait = self._wait(Request(scope)) if scope["type"] == "http" else 0
        if wait:
            message = f"that was a lot at once: try again in {wait} seconds"
            refused = refusal(scope["path"], 429, message, {"Retry-After": str(wait)})
            await refused(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _wait(self, request: Request) -> int:
        path = request.scope["path"]
        rate = next(
            rate for start, method, rate in RATES if path.startswith(start) and method in {None, request.method}
        )
        return self.counting.wait(rate, visitor_of(self.settings, request))


def visitor_of(settings: Settings, request: Request | gradio.Request) -> str:
    """Return what a visitor is counted by: their session, which is one of ours, or else where they are."""
    session = read_cookie(settings, request, "segue_session")
    return session or _network("" if request.client is None else request.client.host)


def _network(address: str) -> str:
    """Return an address; of IPv6 the network, in which one visitor has as many addresses as they like."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((known, 64), strict=False)) if isinstance(known, IPv6Address) else address
