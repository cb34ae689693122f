"""Who is calling the Web API, and whether they may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Annotated

from fastapi import Depends, Header

from segue.sandbox.people import Person
from segue.sandbox.refusals import Refusal
from segue.sandbox.service import ServiceOf
from segue.sandbox.state import Grant


def bearer(authorization: str) -> str | None:
    """Return the access token in an Authorization header; None without one."""
    scheme, _, token = authorization.partition(" ")
    return token if scheme.lower() == "bearer" and token else None


def granted(service: ServiceOf, authorization: Annotated[str, Header()] = "") -> Grant:
    """Return what the request's access token allows."""
    token = bearer(authorization)
    if token is None:
        raise Refusal(401, "No token provided")
    grant = service.state.read().access_tokens.get(token)
    if grant is None:
        raise Refusal(401, "Invalid access token")
    if grant.expires_at <= datetime.now(timezone.utc):
        raise Refusal(401, "The access token expired")
    return grant


Granted = Annotated[Grant, Depends(granted)]


def caller(service: ServiceOf, grant: Granted) -> Person:
    """Return the person in whose name the request is made."""
    return service.people[grant.user_id]


Caller = Annotated[Person, Depends(caller)]


def needs(*scopes: str) -> Callable[[Grant], None]:
    """Return a dependency that refuses tokens without any of `scopes`."""

    def check(grant: Granted) -> None:
        if not set(scopes) & set(grant.scope.split()):
            raise Refusal(403, "Insufficient client scope")

    return check
