"""The web server: one FastAPI app with the Gradio pages mounted on it."""

from __future__ import annotations

import errno
import os
import socket
from typing import TYPE_CHECKING

# Gradio reads these when it is imported.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio
import uvicorn
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from app.auth import auth_routes
from app.page import THEME, build_page
from app.style import CSS
from segue.console import note
from segue.errors import SettingsError
from segue.store import open_store

if TYPE_CHECKING:
    from segue.settings import Settings


USUAL_PORT = 7860


def create_app(settings: Settings) -> FastAPI:
    """Return the whole app, ready to be served.

    Parameters
    ----------
    settings : Settings
        Where the store is; it is read anew for every visitor.
    """
    server = FastAPI(title="Segue", docs_url=None, redoc_url=None, openapi_url=None)
    # Without a policy of ours Gradio lets every website read answers in a visitor's name.
    server.add_middleware(CORSMiddleware, allow_origins=[])
    server.include_router(auth_routes(settings))
    mounted: FastAPI = gradio.mount_gradio_app(
        server,
        build_page(open_store(settings.store_url)),
        path="/",
        theme=THEME,
        css=CSS,
        footer_links=[],
        run_history=False,
        show_error=False,
    )
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
        server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="warning"))
        server.run(sockets=[listening])


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
