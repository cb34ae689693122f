"""Errors of the API as problem details (RFC 9457)."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from app.security.work import TooMuchError
from app.wording import sentence
from segue.errors import SegueError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI, Request

MEDIA_TYPE = "application/problem+json"
MEANINGS = {
    400: "The body is no text in UTF-8.",
    401: "Nobody is logged in: the session's cookie is missing or has ended.",
    404: "There is no such track or model, or nothing to recommend.",
    413: "The request is too large.",
    422: "The request is not what is described here; `errors` says where.",
    429: "That was a lot at once: `Retry-After` says when to ask again.",
    503: "There is no catalog or no model yet.",
}


class Fault(BaseModel):
    """What is wrong with one part of a request."""

    where: str = Field(description="Its name, and what it is in, joined by dots.", examples=["query.limit"])
    detail: str = Field(description="What is wrong with it.", examples=["Input should be less than or equal to 50"])


class Problem(BaseModel):
    """What went wrong."""

    type: str = Field("about:blank", description="Always `about:blank`: the status says what kind it is.")
    title: str = Field(description="The status in words.", examples=["Not Found"])
    status: int = Field(description="The HTTP status.", examples=[404])
    detail: str = Field(description="What is wrong, for people.", examples=["This track is not in the catalog."])
    errors: list[Fault] = Field([], description="What is wrong with each part of the request, where that is it.")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return how an operation's errors are described, beside those that any of them may have."""
    content = {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}}
    return {
        status: {"description": MEANINGS[status], "content": content} for status in sorted({*statuses, 413, 422, 429})
    }


def handle_problems(api: FastAPI) -> None:
    """Let every error of an API be answered with problem details."""
    api.add_exception_handler(RequestValidationError, _not_valid)
    api.add_exception_handler(HTTPException, _refused)
    api.add_exception_handler(TooMuchError, _too_much)
    api.add_exception_handler(SegueError, _not_ready)
    api.add_exception_handler(Exception, _unexpected)


def _not_valid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - it is registered for nothing else
    faults = [
        Fault(where=".".join(map(str, fault["loc"])), detail=f"{fault['msg']}.".replace("..", "."))
        for fault in error.errors()
    ]
    return _problem(422, "The request cannot be used.", faults)


def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - the same
    return _problem(error.status_code, sentence(error.detail), headers=error.headers)


def _too_much(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, TooMuchError)  # noqa: S101 - the same
    return _problem(429, sentence(str(error)), headers={"Retry-After": str(error.seconds)})


def _not_ready(_request: Request, error: Exception) -> JSONResponse:
    return _problem(503, sentence(error))


def _unexpected(request: Request, error: Exception) -> JSONResponse:
    # The path alone: what somebody asked for is theirs.
    logging.getLogger(__name__).error("%s %s failed", request.method, request.scope["path"], exc_info=error)
    return _problem(500, "Something went wrong here. It has been logged.")


def _problem(
    status: int, detail: str, faults: list[Fault] | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, errors=faults or [])
    return JSONResponse(problem.model_dump(), status, dict(headers or {}), MEDIA_TYPE)
