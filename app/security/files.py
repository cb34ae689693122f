"""What Gradio does with files: no more than the pages need."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from asyncio import Lock
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

from app.security.bodies import UPLOAD
from app.security.refusing import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send

MOST_BYTES = 500_000_000
"""How much all uploads together may take; each is deleted when it has been read."""
KEPT_SECONDS = 240
"""After which an upload is deleted that nothing has read; Gradio looks once a minute."""

ELSEWHERE = re.compile(r"/gradio_api/(file[=/]\s*[a-z]+:|proxy=|deep_link)", re.IGNORECASE)
"""Files of other servers, and the links in which Gradio would keep what somebody sees."""


class LocalFiles:
    """Middleware that refuses what Gradio would serve beside the pages: files of other servers, pages of others."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        asked = (scope["path"], scope["query_string"]) if scope["type"] == "http" else ("", b"")
        if ELSEWHERE.match(asked[0]) or b"deep_link=" in asked[1]:
            await refusal(scope["path"], 403, "this is not one of the app's files")(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class TidyUploads:
    """Middleware that keeps the folder of uploads small, and free of what Gradio could not make sense of.

    Parameters
    ----------
    app : ASGI application
    folder : Path
        Where Gradio puts uploads. It gives each a folder in there; until then, a file.
    """

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self.app, self.folder, self.turn = app, folder, Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["path"] != UPLOAD:
            await self.app(scope, receive, send)
            return
        # One after the other, each of which takes but a moment: what lies about after its turn belongs to nobody.
        async with self.turn:
            if self._bytes() > MOST_BYTES:
                message = "many people are sending files just now: try again in a few minutes"
                await refusal(UPLOAD, 503, message, {"Retry-After": str(KEPT_SECONDS)})(scope, receive, send)
                return
            try:
                await self.app(scope, receive, send)
            finally:
                for path in self.folder.glob("*"):
                    if path.is_file():
                        path.unlink(missing_ok=True)

    def _bytes(self) -> int:
        total = 0
        for path in self.folder.rglob("*"):
            # An event may just have read and deleted it.
            with suppress(FileNotFoundError):
                total += path.stat().st_size
        return total


def private_uploads() -> Path:
    """Give Gradio a folder of its own for uploads, and return it; `kept` makes it.

    Nobody else on the machine can look into it, and nobody knew its name before.
    """
    folder = Path(gettempdir()) / f"segue-uploads-{secrets.token_hex(8)}"
    # Each component takes it from here when it is made.
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    return folder


@contextmanager
def kept(folder: Path) -> Iterator[None]:
    """Keep a private folder for as long as the block lasts."""
    folder.mkdir(mode=0o700)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
