"""A login on a laptop: a server on the loopback interface that waits for Spotify's redirect, and for nothing else."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from urllib.parse import parse_qsl, urlsplit

from segue.errors import LoginError, SegueError, SettingsError, WrongStateError
from segue.spotify.login import CALLBACK, LOOPBACK
from segue.web_page import HEADERS, paragraph, web_page

Finish = Callable[[Mapping[str, str]], str]
IDLE_SECONDS = 5


class LoopbackServer(ThreadingHTTPServer):
    """Waits at a redirect URI.

    Parameters
    ----------
    redirect_uri : str
        At 127.0.0.1 or [::1], with a port.
    finish : callable
        Ends the login with the query that the redirect brought, and returns a listener's id.

    Raises
    ------
    SettingsError
        If the redirect URI is not on this machine, or another program has its port.
    """

    daemon_threads = True

    def __init__(self, redirect_uri: str, finish: Finish) -> None:
        parts = urlsplit(redirect_uri)
        if parts.scheme != "http" or parts.hostname not in LOOPBACK or parts.port is None:
            raise SettingsError(
                f"SPOTIFY_REDIRECT_URI={redirect_uri} does not lead to this machine: log in at the app, or set it to "
                f"http://127.0.0.1:7860{CALLBACK} and add that to the app's settings in the Developer Dashboard"
            )
        self.finish = finish
        self.finishing = Lock()
        self.outcome: str | Exception | None = None
        self.ended: SimpleQueue[str | Exception] = SimpleQueue()
        self.address_family = socket.AF_INET6 if ":" in parts.hostname else socket.AF_INET
        try:
            super().__init__((parts.hostname, parts.port), _Callback)
        except OSError as error:
            raise SettingsError(
                f"port {parts.port} of SPOTIFY_REDIRECT_URI cannot be used ({error.strerror}): "
                "if `segue app` runs there, log in at its page /account"
            ) from None

    def wait(self, seconds: float) -> str:
        """Return the id of the listener who logged in.

        Raises
        ------
        LoginError
            If nobody did within `seconds`.
        SegueError
            Whatever `finish` raised.
        """
        Thread(target=self.serve_forever, daemon=True).start()
        try:
            ended = self.ended.get(timeout=seconds)
        except Empty:
            raise LoginError(f"nobody logged in within {seconds:.0f} seconds: run this again") from None
        finally:
            self.shutdown()
        if isinstance(ended, Exception):
            raise ended
        return ended


class _Callback(BaseHTTPRequestHandler):
    server: LoopbackServer
    timeout = IDLE_SECONDS  # browsers open connections that they never use

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path != CALLBACK:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        ended = self._finish(dict(parse_qsl(parts.query)))
        try:
            self._answer(ended)
        finally:
            # Anybody on this machine can send an answer to another login: it ends none that waits.
            if not isinstance(ended, WrongStateError):
                self.server.ended.put(ended)

    def _finish(self, answer: Mapping[str, str]) -> str | Exception:
        # Once: a browser that sends the answer twice is told twice what came of it.
        with self.server.finishing:
            if self.server.outcome is None:
                try:
                    self.server.outcome = self.server.finish(answer)
                except WrongStateError as error:
                    return error
                except Exception as error:  # noqa: BLE001 - whoever waits raises it: in this thread nobody would see it
                    self.server.outcome = error
            return self.server.outcome

    def _answer(self, ended: str | Exception) -> None:
        if isinstance(ended, Exception):
            status, title, text = HTTPStatus.BAD_REQUEST, "Not connected", "The terminal says why."
            text = str(ended) if isinstance(ended, SegueError) else text
        else:
            status, title, text = HTTPStatus.OK, "Connected", "You can close this page and go back to the terminal."
        page = web_page(title, paragraph(text)).encode()
        self.send_response(status)
        for name, value in {**HEADERS, "Content-Length": str(len(page))}.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(ConnectionError):  # they may have closed the page already
            self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server uses
        """Say nothing: the line would hold the code."""
