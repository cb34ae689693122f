"""Puts the frame around Gradio's pages, so that it is there before Gradio's program has loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request

from app.layout.frame import HEAD, above, below
from app.layout.visit import visit_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from app.context import Context

HTML = "text/html"


class Framing:
    """Middleware that writes header, footer and stylesheet into the pages at `paths`.

    Parameters
    ----------
    app : ASGI application
    context : Context
        Knows who is logged in.
    paths : collection of str
        The addresses of Gradio's pages.
    """

    def __init__(self, app: ASGIApp, context: Context, paths: Collection[str]) -> None:
        self.app, self.context, self.paths = app, context, paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["path"] not in self.paths:
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        parts: list[bytes] = []

        async def collect(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            parts.append(message.get("body", b""))
            if start is not None and not message.get("more_body", False):
                body = b"".join(parts)
                headers = MutableHeaders(scope=start)
                if headers.get("content-type", "").startswith(HTML):
                    body = await run_in_threadpool(self._framed, Request(scope), body)
                    headers["content-length"] = str(len(body))
                    # It depends on who asks.
                    headers["cache-control"] = "no-store"
                await send(start)
                await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, collect)

    def _framed(self, request: Request, body: bytes) -> bytes:
        visit = visit_of(self.context, request)
        theme = request.query_params.get("__theme")
        page = body.decode()
        if theme in {"light", "dark"}:
            page = page.replace("<html", f'<html data-theme="{theme}"', 1)
        page = page.replace("</head>", f"{HEAD}</head>", 1)
        page = page.replace("<gradio-app", f'{above(visit)}<gradio-app id="content" tabindex="-1"', 1)
        return page.replace("</body>", f"{below(self.context.settings.source_url)}</body>", 1).encode()
