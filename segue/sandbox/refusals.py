"""How the Web API refuses: one form of body, and 403 for every call that Spotify has removed."""

from __future__ import annotations

import re

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.status import HTTP_400_BAD_REQUEST

from segue.sandbox.calls import WEB_API

_LIBRARY = f"{WEB_API}/me/library"
_SHELVES = "albums|audiobooks|episodes|shows|tracks"
_REMOVED = re.compile(
    rf"""
    (GET\ )(
        audio-features(/[^/]+)? | audio-analysis/[^/]+ | recommendations(/.*)? | browse/.* | markets
        | artists/[^/]+/(related-artists | top-tracks) | ({_SHELVES} | artists | chapters)
        | me/({_SHELVES} | following)/contains | playlists/[^/]+/followers/contains
    )
    | (PUT | DELETE)\ (me/({_SHELVES} | following) | playlists/[^/]+/followers)
    | [A-Z]+\ (playlists/[^/]+/tracks | users/.*)
    """,
    re.VERBOSE,
)


class Refusal(Exception):  # noqa: N818 - an answer of the API, not an error of ours
    """Ends a request with an error status."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        self.message = message
        super().__init__(message)


def refuse(request: Request, refusal: Exception) -> JSONResponse:
    """Answer with a refusal."""
    if isinstance(refusal, RequestValidationError):
        refusal = Refusal(400, f"Invalid {refusal.errors()[0]['loc'][-1]}")
    if not isinstance(refusal, Refusal):
        raise refusal
    error = {"status": refusal.status, "message": refusal.message}
    # The library's calls alone are described as giving the error object itself for a wrong request.
    bare = refusal.status == HTTP_400_BAD_REQUEST and request.url.path.startswith(_LIBRARY)
    return JSONResponse(error if bare else {"error": error}, refusal.status)


def refuse_unknown(request: Request, path: str) -> None:
    """Answer a call that the sandbox does not have: 403 where Spotify has removed it, else 404."""
    if _REMOVED.fullmatch(f"{request.method} {path}"):
        raise Refusal(403, "Forbidden")
    raise Refusal(404, "Service not found")
