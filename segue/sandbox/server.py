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
from fastapi.responses import PlainTextResponse, Response

from segue.errors import SettingsError
from segue.sandbox import accounts_api
from segue.sandbox.address import GREETING, at_sandbox
from segue.sandbox.calls import WEB_API
from segue.sandbox.doorkeeper import WEB_APIS, Doorkeeper
from segue.sandbox.exchange import DroppableProtocol
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


def build(service: Service) -> FastAPI:
    """Return the application that answers for `service`."""
    app = FastAPI(redirect_slashes=False, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.service = service
    app.add_middleware(Doorkeeper, service=service)
    app.add_exception_handler(Refusal, refuse)
    app.add_exception_handler(RequestValidationError, refuse)
    app.add_api_route("/", lambda: GREETING, response_class=PlainTextResponse)
    # Browsers ask for it beside the consent page.
    app.add_api_route("/favicon.ico", lambda: Response(status_code=204), response_model=None)
    app.include_router(accounts_api.router)
    for api in WEB_APIS:
        app.include_router(api.router, prefix=WEB_API)
    app.add_api_route(WEB_API + "/{path:path}", refuse_unknown, methods=METHODS)
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
        config = uvicorn.Config(
            build(service), http=DroppableProtocol, ws="none", lifespan="off", log_config=None, access_log=False
        )
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
        listener = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise SettingsError(f"port {port} is taken: name a free one with --port") from None
    # Head and body of an answer are two packets; without this the second one waits 40 ms on a kept connection.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
