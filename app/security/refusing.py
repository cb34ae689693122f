"""How a request is refused before any page or route sees it: in words, and in the form that whoever asks can read."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, PlainTextResponse, Response

from app.wording import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

API = "/api/"
GRADIO = "/gradio_api/"


def refusal(path: str, status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer: problem details (RFC 9457) under /api/, what Gradio shows to its visitor, or plain text."""
    if path.startswith(API):
        title = HTTPStatus(status).phrase
        problem = {"type": "about:blank", "title": title, "status": status, "detail": message}
        return JSONResponse(problem, status, headers, "application/problem+json")
    if path.startswith(GRADIO):
        return JSONResponse({"detail": message}, status, headers)
    return PlainTextResponse(f"{sentence(message)}\n", status, headers)
