"""What stands between spotipy and the network: every attempt of every call passes here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests
from requests.auth import AuthBase

from segue.errors import AuthorizationExpiredError
from segue.spotify.failures import lost, refused
from segue.spotify.retrying import retrying


class _Bearer(AuthBase):
    """Shows an access token at the last moment, so that nothing before it (spotipy's log above all) knows the token."""

    def __init__(self, access_token: str) -> None:
        self._access_token = access_token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._access_token}"
        return request


class Sender(requests.Session):
    """A session that counts each attempt, repeats what may be repeated, and raises a `SpotifyError` for what fails.

    Parameters
    ----------
    access_token : str
    refresh : callable, optional
        Returns a fresh access token when Spotify no longer accepts the present one.
    count : callable, optional
        Called before each attempt; what it raises, such as a `CallBudgetError`, keeps the call from being made.
    sleep : callable
        What waits for a number of seconds.

    Attributes
    ----------
    action : str
        What is being attempted, for the error: "could not …".
    """

    def __init__(
        self,
        access_token: str,
        refresh: Callable[[], str] | None,
        count: Callable[[], object] | None,
        sleep: Callable[[float], None],
    ) -> None:
        super().__init__()
        self.auth = _Bearer(access_token)
        self.action = "ask Spotify"
        self._refresh = refresh
        self._count = count
        self._patiently = retrying(sleep)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send a call, again where that is safe, and return the answer of one that succeeded."""
        try:
            return self._patiently(self._send_once, request, **options)
        except AuthorizationExpiredError:
            if self._refresh is None:
                raise
        # An access token lives for an hour: a fresh one may be all that is missing, but only once.
        self.auth = bearer = _Bearer(self._refresh())
        return self._patiently(self._send_once, bearer(request), **options)

    def _send_once(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        if self._count is not None:
            self._count()
        try:
            response = super().send(request, **options)
        except requests.RequestException as failure:
            raise lost(self.action, request, failure) from None
        if not response.ok:
            raise refused(self.action, response)
        return response
