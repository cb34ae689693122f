"""What stands between the network and the pages: each middleware has one idea, and none knows what a page is."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi.middleware.cors import CORSMiddleware

from app.security.bodies import BodyLimit
from app.security.files import LocalFiles
from app.security.headers import SecurityHeaders
from app.security.origins import OwnOrigin
from app.security.rates import RateLimit

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI
    from starlette.types import ASGIApp

    from segue.settings import Settings


def protect(server: FastAPI, settings: Settings, error_pages: Callable[[ASGIApp], ASGIApp] | None = None) -> None:
    """Put the middlewares around an app: the last one here meets a request first.

    Parameters
    ----------
    server : FastAPI
    settings : Settings
    error_pages : callable, optional
        Middleware that tells people what the others, or the app, have refused.
    """
    # Without a policy of ours Gradio lets every website read answers in a visitor's name.
    server.add_middleware(CORSMiddleware, allow_origins=[])
    server.add_middleware(LocalFiles)
    server.add_middleware(BodyLimit)
    hosts = {urlsplit(settings.spotify_redirect_uri).netloc, settings.space_host} - {""}
    server.add_middleware(OwnOrigin, hosts=hosts)
    if settings.limit_rates:
        server.add_middleware(RateLimit, settings=settings)
    if error_pages is not None:
        server.add_middleware(error_pages)
    server.add_middleware(SecurityHeaders, on_space=bool(settings.space_id))
