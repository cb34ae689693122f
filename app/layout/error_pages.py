"""What a browser is shown where a request fails: a page like all others, whoever has refused it."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request

from app.layout.plain_page import plain_page
from app.security.refusing import API, refusal
from app.wording import sentence
from segue.errors import SegueError
from segue.web_page import link, paragraph

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from app.context import Context

WORDS = {
    404: ("Nothing is here", "There is no page at this address: it may be misspelled, or the page has moved."),
    500: ("Something went wrong", "It was Segue's fault, not yours, and has been logged."),
}
"""Heading, and what is said where there is nothing more exact."""
HEADING = "This did not work"
KEPT = ("retry-after", "connection")
"""What else an answer may say, to programs."""
READABLE = ("text/html", "application/problem+json")


class ErrorPages:
    """Middleware that answers a browser with a page, and whoever asks the API with problem details.

    Parameters
    ----------
    app : ASGI application
    context : Context
        Knows who is logged in.
    """

    def __init__(self, app: ASGIApp, context: Context) -> None:
        self.app, self.context = app, context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or not _is_for_people(scope):
            await self.app(scope, receive, send)
            return
        begun, failed, parts = False, None, []

        async def look(message: Message) -> None:
            nonlocal begun, failed
            if message["type"] == "http.response.start":
                begun, failed = True, message if _is_unreadable(message) else None
            if failed is None:
                await send(message)
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))
                if not message.get("more_body", False):
                    answer = await run_in_threadpool(self._answer, scope, failed["status"], _said(b"".join(parts)))
                    answer.headers.update({name: value for name, value in _headers(failed).items() if name in KEPT})
                    await answer(scope, receive, send)

        try:
            await self.app(scope, receive, look)
        except Exception as error:
            if begun:
                raise
            # The path alone: what somebody asked for is theirs.
            logging.getLogger(__name__).exception("%s %s failed", scope["method"], scope["path"])
            told = (503, str(error)) if isinstance(error, SegueError) else (500, "")
            answer = await run_in_threadpool(self._answer, scope, *told)
            await answer(scope, receive, send)

    def _answer(self, scope: Scope, status: int, said: str) -> Response:
        heading, usual = WORDS.get(status, (HEADING, HTTPStatus(status).phrase))
        message = usual if said in {"", HTTPStatus(status).phrase} else sentence(said)
        if not scope["path"].startswith(API):
            try:
                parts = (paragraph(message), link("Find music", "/"))
                return plain_page(self.context, Request(scope), heading, *parts, status=status)
            except SegueError:
                # Who is logged in cannot be found out, either.
                pass
        return refusal(scope["path"], status, message)


def _is_for_people(scope: Scope) -> bool:
    return "text/html" in Headers(scope=scope).get("accept", "") or scope["path"].startswith(API)


def _is_unreadable(start: Message) -> bool:
    kind = _headers(start).get("content-type", "")
    return start["status"] >= HTTPStatus.BAD_REQUEST and not kind.startswith(READABLE)


def _headers(start: Message) -> Headers:
    return Headers(raw=start["headers"])


def _said(body: bytes) -> str:
    """Return what an answer says, be it text or what FastAPI makes of an exception."""
    text = body.decode(errors="replace").strip()
    try:
        detail = json.loads(text)["detail"]
    except (ValueError, TypeError, KeyError):
        return text
    return detail if isinstance(detail, str) else ""
