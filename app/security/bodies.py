"""No request is larger than what the app can have a use for, and none is worked on before it is whole."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

from app.security.refusing import refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

UPLOAD = "/gradio_api/upload"
UPLOAD_BYTES = 25_000_000
"""Of all files that somebody brings at once, and of each file in an archive: Spotify's own are of 13 MB at most."""
OTHER_BYTES = 1_000_000
PIECE = 65_536


class BodyLimit:
    """Middleware that passes on bodies that are whole and not too long, whatever length they were said to have.

    Whoever leaves in the middle of an upload would else leave half a file behind in Gradio's folder.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = UPLOAD_BYTES if scope["path"] == UPLOAD else OTHER_BYTES
        # In memory as long as it is short; on disk without a name, so that it is gone whatever happens.
        with SpooledTemporaryFile(max_size=OTHER_BYTES) as body:
            message: Message = {"more_body": True}
            while message.get("more_body", False) and body.tell() <= limit:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                body.write(message.get("body", b""))
            if body.tell() > limit:
                said = f"this is too large: more than {limit // 1_000_000} MB"
                # What is still on its way is not waited for.
                await refusal(scope["path"], 413, said, {"Connection": "close"})(scope, receive, send)
            else:
                await self.app(scope, _again(body, receive), send)


def _again(body: SpooledTemporaryFile[bytes], receive: Receive) -> Receive:
    """Return what receives a body that was received before, and afterwards whatever else comes."""
    left = body.tell()
    body.seek(0)
    ended = False

    async def receive_again() -> Message:
        nonlocal left, ended
        if ended:
            return await receive()
        piece = body.read(PIECE)
        left -= len(piece)
        ended = left == 0
        return {"type": "http.request", "body": piece, "more_body": not ended}

    return receive_again
