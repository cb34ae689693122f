"""What a call was: which operation, and by whom."""

from __future__ import annotations

WEB_API = "/v1"
KEPT_CALLS = 100_000


class Call(str):
    """A request as text, such as ``"GET /v1/tracks/4iV5W9uYEdYUVa79Axb7Rh"``, and what else is known of it.

    Attributes
    ----------
    operation : str or None
        The same in the terms of Spotify's OpenAPI description, such as ``GET /tracks/{id}``; None outside the Web API.
    user_id : str or None
        Whose token it carried; None if that is unknown.
    token : str
        That token: the access token, or the refresh token that the token endpoint was given.
    """

    __slots__ = ("operation", "token", "user_id")
    operation: str | None
    user_id: str | None
    token: str

    def __new__(  # noqa: PYI034 - typing.Self came with Python 3.11
        cls, text: str, operation: str | None = None, user_id: str | None = None, token: str = ""
    ) -> Call:
        """Return `text` with the attributes."""
        call = super().__new__(cls, text)
        call.operation, call.user_id, call.token = operation, user_id, token
        return call
