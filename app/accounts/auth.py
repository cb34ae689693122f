"""Login with Spotify as routes of the app: log in, come back, log out, disconnect."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from app.accounts.account_page import disconnected_parts, failure_parts, leaving_parts
from app.accounts.cookies import read_cookie, set_cookie
from app.accounts.sessions import LIFETIME
from app.accounts.shelf import Shelf
from app.layout.plain_page import HEADERS, plain_page
from segue.errors import LoginError, RateLimitedError, SegueError, SettingsError, UnavailableError
from segue.spotify.login import CALLBACK, LOOPBACK, Login, begin_login, finish_login
from segue.spotify.retention import forget, kept_about
from segue.spotify.setup import spotify_settings

if TYPE_CHECKING:
    from app.context import Context

LOGIN_SECONDS = 10 * 60
SESSION_SECONDS = int(LIFETIME.total_seconds())
MOST_VISITORS = 1_000
SEE_OTHER = 303

# The address of that request holds a code: it gets into no log, whoever serves the app.
logging.getLogger("uvicorn.access").addFilter(lambda record: CALLBACK not in record.getMessage())


def auth_routes(context: Context) -> APIRouter:
    """Return the routes ``/auth/login``, ``/auth/callback``, ``/auth/logout`` and ``/auth/disconnect``.

    Parameters
    ----------
    context : Context
        Which Spotify app or sandbox visitors log in to is looked up in its settings for each login.
    """
    routes = _Routes(context)
    router = APIRouter()
    router.add_api_route("/auth/login", routes.login)
    router.add_api_route(CALLBACK, routes.callback)
    router.add_api_route("/auth/logout", routes.logout, methods=["POST"])
    router.add_api_route("/auth/disconnect", routes.ask_to_disconnect)
    router.add_api_route("/auth/disconnect", routes.disconnect, methods=["POST"])
    return router


@dataclass(frozen=True)
class _Routes:
    context: Context
    logins: Shelf[Login] = field(default_factory=lambda: Shelf(LOGIN_SECONDS, MOST_VISITORS))

    def login(self, request: Request) -> Response:
        """Send a visitor to Spotify."""
        try:
            settings = spotify_settings(self.context.settings)
            _check_address(request, settings.spotify_redirect_uri)
            begun = begin_login(settings)
            response = RedirectResponse(begun.url, SEE_OTHER, HEADERS)
            set_cookie(settings, response, "segue_login", self.logins.put(begun), LOGIN_SECONDS)
        except SegueError as error:
            return self._failed(request, error)
        return response

    def callback(self, request: Request) -> Response:
        """Take a visitor back from Spotify; whatever comes of it, the login they began is over."""
        begun = self.logins.take(read_cookie(self.context.settings, request, "segue_login"))
        try:
            if begun is None:
                raise LoginError("this login was finished before, or is older than 10 minutes; log in anew")
            settings = spotify_settings(self.context.settings)
            listener_id = finish_login(self.context.store, settings, begun, request.query_params)
        except SegueError as error:
            response = self._failed(request, error)
        else:
            # Away from the address that holds the code; always to the same page.
            response = RedirectResponse("/account", SEE_OTHER, HEADERS)
            # Whoever was logged in here before is not any more.
            self.context.sessions.end(read_cookie(settings, request, "segue_session"))
            set_cookie(settings, response, "segue_session", self.context.sessions.begin(listener_id), SESSION_SECONDS)
        response.delete_cookie("segue_login")
        return response

    def logout(self, request: Request) -> Response:
        """End the visitor's session."""
        return self._leave(request, RedirectResponse("/account", SEE_OTHER, HEADERS))

    def ask_to_disconnect(self, request: Request) -> Response:
        """Say what will be deleted, and ask once."""
        listener_id = self.context.listener_of(request)
        if listener_id is None:
            return RedirectResponse("/account", SEE_OTHER, HEADERS)
        kept = kept_about(self.context.store, listener_id)
        return plain_page(self.context, request, "Disconnect and delete?", *leaving_parts(kept))

    def disconnect(self, request: Request) -> Response:
        """Delete everything that is kept about the visitor."""
        listener_id = self.context.listener_of(request)
        if listener_id is None:
            return RedirectResponse("/account", SEE_OTHER, HEADERS)
        # Their sessions in other browsers, too: who connects again must not find an old one alive elsewhere.
        self.context.refreshes.forget(listener_id)
        forget(self.context.store, listener_id)
        return self._leave(request, plain_page(self.context, request, "Disconnected", *disconnected_parts()))

    def _leave(self, request: Request, response: Response) -> Response:
        self.context.sessions.end(read_cookie(self.context.settings, request, "segue_session"))
        response.delete_cookie("segue_session")
        return response

    def _failed(self, request: Request, error: SegueError) -> Response:
        if isinstance(error, RateLimitedError | UnavailableError):
            status = 502
        else:
            status = 503 if isinstance(error, SettingsError) else 400
        parts = failure_parts(str(error), again=not isinstance(error, SettingsError))
        return plain_page(self.context, request, "Not connected", *parts, status=status)


def _check_address(request: Request, redirect_uri: str) -> None:
    """Refuse to begin a login that would come back to another address than this one, without its cookie."""
    expected = urlsplit(redirect_uri)
    here = request.headers.get("host", "")
    if expected.hostname in LOOPBACK and here != expected.netloc:
        raise SettingsError(
            f"you are at http://{here}, but SPOTIFY_REDIRECT_URI leads to {expected.netloc}: "
            f"open http://{expected.netloc}/account, where the app must be running"
        )
