"""The web server: one FastAPI app with the Gradio pages mounted on it."""

from __future__ import annotations

import errno
import os
import socket
import warnings
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

# Gradio reads these when it is imported.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio
import uvicorn
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from app.about.legal import legal_routes
from app.about.status_page import status_routes
from app.accounts.account import account_routes
from app.accounts.auth import auth_routes
from app.api.application import mount_api
from app.context import Context
from app.exports.routes import export_routes
from app.layout.error_pages import ErrorPages
from app.layout.frame import LOOK
from app.layout.framing import Framing
from app.layout.theme import segue_theme
from app.lifespan import lifespan_of
from app.pages import PATHS, build_blocks
from app.pictures.routes import picture_routes
from app.security import protect
from app.security.bodies import UPLOAD_BYTES
from app.security.files import TidyUploads, private_uploads
from app.security.restraint import restrain
from segue.console import note
from segue.errors import SettingsError

if TYPE_CHECKING:
    from segue.settings import Settings


USUAL_PORT = 7860


def create_app(settings: Settings) -> FastAPI:
    """Return the whole app, ready to be served.

    Parameters
    ----------
    settings : Settings
        Where the store is. What it holds of a listener is read anew for every request.
    """
    context = Context.of(settings)
    uploads = private_uploads()
    lifespan = lifespan_of(context.engine, uploads)
    server = FastAPI(title="Segue", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    server.add_middleware(Framing, context=context, paths=PATHS)
    server.add_middleware(TidyUploads, folder=uploads)
    protect(server, settings, partial(ErrorPages, context=context))
    for routes in (auth_routes, account_routes, export_routes, picture_routes, status_routes, legal_routes):
        server.include_router(routes(context))
    mount_api(server, context)
    server.mount(LOOK, StaticFiles(directory=Path(__file__).parent / "layout" / "look"))
    return _with_pages(server, context)


def _with_pages(server: FastAPI, context: Context) -> FastAPI:
    with warnings.catch_warnings():
        # It says so although nobody has asked for that.
        warnings.filterwarnings("ignore", "SSR mode is not supported", UserWarning)
        blocks = build_blocks(context)
        mounted: FastAPI = gradio.mount_gradio_app(
            server,
            blocks,
            path="/",
            theme=segue_theme(),
            footer_links=[],
            run_history=False,
            show_error=False,
            max_file_size=UPLOAD_BYTES,
        )
    restrain(blocks, mounted)
    return mounted


def serve(settings: Settings, host: str, port: int | None = None) -> None:
    """Serve the app until it is interrupted.

    Parameters
    ----------
    settings : Settings
    host : str
        Address to listen on.
    port : int, optional
        Port to listen on, 0 for any free one; without one, `USUAL_PORT`, or any free one where that is taken.

    Raises
    ------
    SettingsError
        If the port is taken or the address is not ours.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(listening, host, port)
        note(f"Segue is at http://{host}:{listening.getsockname()[1]} (Ctrl-C stops it)")
        serve_on(settings, listening)


def serve_on(settings: Settings, listening: socket.socket) -> None:
    """Serve the app on a socket that is bound, until it is interrupted."""
    # Else the second answer on a connection waits 40 ms, until the browser has confirmed how it begins.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # By itself uvicorn believes whatever any program of this machine says about who asks.
    config = uvicorn.Config(
        create_app(settings),
        log_level="warning",
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _bind(listening: socket.socket, host: str, port: int | None) -> None:
    try:
        listening.bind((host, USUAL_PORT if port is None else port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise SettingsError(
                f"cannot listen on {host} ({error.strerror}): is it an address of this machine?"
            ) from None
        if port is not None:
            raise SettingsError(f"port {port} is taken: choose another one, such as --port {port + 1}") from None
        listening.bind((host, 0))
        note(f"port {USUAL_PORT} is taken: using another one")
