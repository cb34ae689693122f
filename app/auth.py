"""Login with Spotify as routes of the app: log in, come back, see one's account, log out, disconnect."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.account_page import account_page, disconnected_page, failure_page, visitor_page
from app.cookies import read_cookie, set_cookie
from app.shelf import Shelf
from inference_pipeline.kept import bring_back, removed_playlists
from inference_pipeline.playlist_kinds import KINDS
from segue.errors import LoginError, RateLimitedError, SegueError, SettingsError, UnavailableError
from segue.spotify.account import account_of
from segue.spotify.login import CALLBACK, LOOPBACK, Login, begin_login, finish_login
from segue.spotify.retention import forget
from segue.spotify.setup import spotify_settings
from segue.store import open_store
from segue.web_page import HEADERS

if TYPE_CHECKING:
    from segue.settings import Settings
    from segue.spotify.account import Account
    from segue.store import FeatureStore

LOGIN_SECONDS = 10 * 60
SESSION_SECONDS = 30 * 24 * 3600
MOST_VISITORS = 1_000
SEE_OTHER = 303

# The address of that request holds a code: it gets into no log, whoever serves the app.
logging.getLogger("uvicorn.access").addFilter(lambda record: CALLBACK not in record.getMessage())


def auth_routes(settings: Settings) -> APIRouter:
    """Return the routes ``/auth/login``, ``/auth/callback``, ``/auth/logout``, ``/auth/disconnect``, ``/account``.

    On ``/account`` a visitor brings back playlists that they have removed: ``/account/bring-back/{name}``.

    Parameters
    ----------
    settings : Settings
        Which Spotify app or sandbox they log in to is looked up for each login.
    """
    routes = _Routes(settings, open_store(settings.store_url))
    router = APIRouter()
    router.add_api_route("/auth/login", routes.login)
    router.add_api_route(CALLBACK, routes.callback)
    router.add_api_route("/account", routes.account)
    router.add_api_route("/account/bring-back/{name}", routes.bring_back, methods=["POST"])
    router.add_api_route("/auth/logout", routes.logout, methods=["POST"])
    router.add_api_route("/auth/disconnect", routes.disconnect, methods=["POST"])
    return router


@dataclass(frozen=True)
class _Routes:
    settings: Settings
    store: FeatureStore
    logins: Shelf[Login] = field(default_factory=lambda: Shelf(LOGIN_SECONDS, MOST_VISITORS))
    sessions: Shelf[str] = field(default_factory=lambda: Shelf(SESSION_SECONDS, MOST_VISITORS))

    def login(self, request: Request) -> Response:
        """Send a visitor to Spotify."""
        try:
            settings = spotify_settings(self.settings)
            _check_address(request, settings.spotify_redirect_uri)
            begun = begin_login(settings)
            response = RedirectResponse(begun.url, SEE_OTHER, HEADERS)
            set_cookie(settings, response, "segue_login", self.logins.put(begun), LOGIN_SECONDS)
        except SegueError as error:
            return _failed(error)
        return response

    def callback(self, request: Request) -> Response:
        """Take a visitor back from Spotify; whatever comes of it, the login they began is over."""
        begun = self.logins.take(read_cookie(self.settings, request, "segue_login"))
        try:
            if begun is None:
                raise LoginError("this login was finished before, or is older than 10 minutes; log in anew")
            settings = spotify_settings(self.settings)
            listener_id = finish_login(self.store, settings, begun, request.query_params)
        except SegueError as error:
            response = _failed(error)
        else:
            # Away from the address that holds the code; always to the same page.
            response = RedirectResponse("/account", SEE_OTHER, HEADERS)
            set_cookie(settings, response, "segue_session", self.sessions.put(listener_id), SESSION_SECONDS)
        response.delete_cookie("segue_login")
        return response

    def account(self, request: Request) -> Response:
        """Show the visitor's own account."""
        account = self._account(request)
        if account is None:
            return _page(visitor_page())
        removed = removed_playlists(self.store, account.listener_id)
        return _page(account_page(account, {name: KINDS[name].title for name in removed if name in KINDS}))

    def bring_back(self, request: Request, name: str) -> Response:
        """Let the next night make a playlist again that the visitor has removed."""
        _check_origin(request, self.settings)
        account = self._account(request)
        # Twice is as good as once.
        if account is not None and name in removed_playlists(self.store, account.listener_id):
            bring_back(self.store, account.listener_id, name)
        return RedirectResponse("/account", SEE_OTHER, HEADERS)

    def logout(self, request: Request) -> Response:
        """End the visitor's session."""
        _check_origin(request, self.settings)
        return self._leave(request, RedirectResponse("/account", SEE_OTHER, HEADERS))

    def disconnect(self, request: Request) -> Response:
        """Delete everything that is kept about the visitor."""
        _check_origin(request, self.settings)
        account = self._account(request)
        if account is None:
            return RedirectResponse("/account", SEE_OTHER, HEADERS)
        forget(self.store, account.listener_id)
        # In every browser: who connects again must not find an old session alive elsewhere.
        self.sessions.drop(account.listener_id)
        return self._leave(request, _page(disconnected_page()))

    def _account(self, request: Request) -> Account | None:
        listener_id = self.sessions.get(read_cookie(self.settings, request, "segue_session"))
        return None if listener_id is None else account_of(self.store, self.settings, listener_id)

    def _leave(self, request: Request, response: Response) -> Response:
        self.sessions.take(read_cookie(self.settings, request, "segue_session"))
        response.delete_cookie("segue_session")
        return response


def _check_address(request: Request, redirect_uri: str) -> None:
    """Refuse to begin a login that would come back to another address than this one, without its cookie."""
    expected = urlsplit(redirect_uri)
    here = request.headers.get("host", "")
    if expected.hostname in LOOPBACK and here != expected.netloc:
        raise SettingsError(
            f"you are at http://{here}, but SPOTIFY_REDIRECT_URI leads to {expected.netloc}: "
            f"open http://{expected.netloc}/account, where the app must be running"
        )


def _check_origin(request: Request, settings: Settings) -> None:
    """Refuse what another website posts in a visitor's name."""
    origin = urlsplit(request.headers.get("origin", "")).netloc
    # A proxy in front of the app may pass on another Host than the one that visitors see.
    if not origin or origin not in {request.headers.get("host"), urlsplit(settings.spotify_redirect_uri).netloc}:
        raise HTTPException(403, "only the app's own pages may do this")


def _page(text: str, status: int = 200) -> Response:
    return HTMLResponse(text, status, HEADERS)


def _failed(error: SegueError) -> Response:
    if isinstance(error, RateLimitedError | UnavailableError):
        return _page(failure_page(str(error)), 502)
    return _page(failure_page(str(error)), 503 if isinstance(error, SettingsError) else 400)
