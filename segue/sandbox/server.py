"""The sandbox as a real HTTP server on 127.0.0.1."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

import uvicorn
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from segue.errors import SettingsError
from segue.sandbox import accounts_api, listening_api, playlist_api
from segue.sandbox.address import GREETING, at_sandbox
from segue.sandbox.refusals import Refusal, refuse, refuse_unknown
from segue.sandbox.service import Service
from segue.settings import Settings

METHODS = ["GET", "POST", "PUT", "DELETE"]


@dataclass(frozen=True)
class Sandbox:
    """A sandbox that is being served.

    Attributes
    ----------
    port : int
    settings : Settings
        Those with which Segue reaches it.
    service : Service
        What it knows, for tests to look into and to upset.
    """

    port: int
    settings: Settings
    service: Service


class _Doorkeeper:
    """Notes each request, and takes a trailing slash as Spotify does: as if it were not there."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "path": scope["path"].rstrip("/") or "/"}
            self._service.requests.append(f"{scope['method']} {scope['path']}")
        await self._app(scope, receive, send)


def build(service: Service) -> FastAPI:
    """Return the application that answers for `service`."""
    app = FastAPI(redirect_slashes=False, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.service = service
    app.state.codes = {}
    app.add_middleware(_Doorkeeper, service=service)
    app.add_exception_handler(Refusal, refuse)
    app.add_exception_handler(RequestValidationError, refuse)
    app.add_api_route("/", lambda: GREETING, response_class=PlainTextResponse)
    app.include_router(accounts_api.router)
    app.include_router(listening_api.router, prefix="/v1")
    app.include_router(playlist_api.router, prefix="/v1")
    app.add_api_route("/v1/{path:path}", refuse_unknown, methods=METHODS)
    return app


@contextmanager
def serving(settings: Settings, port: int = 0) -> Iterator[Sandbox]:
    """Serve the sandbox in the background, at a free port if `port` is 0, until the block ends.

    Raises
    ------
    SettingsError
        If the port is taken.
    """
    with _listening(port) as listener:
        service = Service(settings)
        config = uvicorn.Config(build(service), log_config=None, access_log=False, ws="none", lifespan="off")
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True)
        thread.start()
        taken = int(listener.getsockname()[1])
        try:
            yield Sandbox(taken, at_sandbox(settings, taken), service)
        finally:
            server.should_exit = True
            thread.join()


def _listening(port: int) -> socket.socket:
    """Return a socket that listens already: whoever calls before the server has started waits, and is not refused."""
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise SettingsError(f"port {port} is taken: name a free one with --port") from None
