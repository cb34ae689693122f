"""What can go wrong at Spotify: each fault is a rule, which says on which calls it happens."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Annotated, Literal

from pydantic import Field
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from segue.sandbox.exchange import Exchange
from segue.sandbox.rules import Pattern, Rule

TOKEN_ENDPOINT = "POST /api/token"  # noqa: S105 - an address
MAX_WAIT = 24 * 3600


class RateLimited(Rule):
    """429 with Retry-After and no reason: too many calls within 30 seconds."""

    fault: Literal["rate-limited"] = "rate-limited"
    retry_after: Annotated[int, Field(ge=0, le=MAX_WAIT)] = 3

    async def __call__(self, exchange: Exchange) -> None:
        headers = {"Retry-After": str(self.retry_after)}
        await exchange.answer(_error(429, "API rate limit exceeded", headers=headers))


class QuotaExceeded(Rule):
    """429 with the reason QUOTA_EXCEEDED and a Retry-After of many hours."""

    fault: Literal["quota-exceeded"] = "quota-exceeded"
    retry_after: Annotated[int, Field(ge=0, le=MAX_WAIT)] = 50_000

    async def __call__(self, exchange: Exchange) -> None:
        headers = {"Retry-After": str(self.retry_after)}
        await exchange.answer(_error(429, "Quota exceeded", "QUOTA_EXCEEDED", headers=headers))


class Unavailable(Rule):
    """A 5xx with an error object, before or after the call took effect."""

    fault: Literal["unavailable"] = "unavailable"
    status: Annotated[int, Field(ge=500, le=599)] = 503
    after_effect: bool = False

    async def __call__(self, exchange: Exchange) -> None:
        if self.after_effect:
            await exchange.take_effect()
        await exchange.answer(_error(self.status, "Service unavailable"))


class ErrorPage(Rule):
    """A 5xx with a page of HTML instead of JSON, before or after the call took effect."""

    fault: Literal["error-page"] = "error-page"
    status: Annotated[int, Field(ge=500, le=599)] = 502
    after_effect: bool = False

    async def __call__(self, exchange: Exchange) -> None:
        if self.after_effect:
            await exchange.take_effect()
        await exchange.answer(HTMLResponse(f"<!doctype html><title>Error {self.status}</title>", self.status))


class Dropped(Rule):
    """A connection that ends without an answer, before or after the call took effect."""

    fault: Literal["dropped"] = "dropped"
    after_effect: bool = False

    async def __call__(self, exchange: Exchange) -> None:
        if self.after_effect:
            await exchange.take_effect()
        await exchange.drop()


class Slow(Rule):
    """An answer that comes late; what was asked for has been done before."""

    fault: Literal["slow"] = "slow"
    seconds: Annotated[float, Field(gt=0, le=MAX_WAIT)]

    async def __call__(self, exchange: Exchange) -> None:
        answer = await exchange.take_effect()
        await exchange.wait(self.seconds)
        await exchange.deliver(answer)


class Empty(Rule):
    """An answer without a body, to a call that took effect."""

    fault: Literal["empty"] = "empty"
    status: Literal[200, 202, 204] = 200

    async def __call__(self, exchange: Exchange) -> None:
        await exchange.take_effect()
        await exchange.answer(Response(status_code=self.status))


class AccessExpired(Rule):
    """401: the access token has expired, for this call and every later one."""

    fault: Literal["access-expired"] = "access-expired"

    async def __call__(self, exchange: Exchange) -> None:
        with exchange.state.changing() as memory:
            grant = memory.access_tokens.get(exchange.call.token)
            if grant is not None:
                grant.expires_at = datetime.now(timezone.utc)
        await exchange.go_on()


class NotPremium(Rule):
    """403: whoever registered the app has no active Premium subscription."""

    fault: Literal["not-premium"] = "not-premium"

    async def __call__(self, exchange: Exchange) -> None:
        await exchange.answer(_error(403, "Active premium subscription required for the owner of the app."))


class NotRegistered(Rule):
    """403 as plain text: the listener is not one of the app's users."""

    fault: Literal["not-registered"] = "not-registered"

    async def __call__(self, exchange: Exchange) -> None:
        await exchange.answer(PlainTextResponse("User not registered in the Developer Dashboard", 403))


class InvalidGrant(Rule):
    """400 invalid_grant: the listener's consent has ended; their refresh token is dead from now on."""

    fault: Literal["invalid-grant"] = "invalid-grant"
    calls: Pattern = TOKEN_ENDPOINT

    async def __call__(self, exchange: Exchange) -> None:
        with exchange.state.changing() as memory:
            memory.refresh_tokens.pop(exchange.call.token, None)
        body = {"error": "invalid_grant", "error_description": "Refresh token revoked"}
        await exchange.answer(JSONResponse(body, 400))


class RotatedToken(Rule):
    """A refresh that brings a new refresh token and ends the old one."""

    fault: Literal["rotated-token"] = "rotated-token"
    calls: Pattern = TOKEN_ENDPOINT

    async def __call__(self, exchange: Exchange) -> None:
        exchange.scope["state"]["rotates_refresh_tokens"] = True
        await exchange.go_on()


AnyRule = Annotated[
    RateLimited
    | QuotaExceeded
    | Unavailable
    | ErrorPage
    | Dropped
    | Slow
    | Empty
    | AccessExpired
    | NotPremium
    | NotRegistered
    | InvalidGrant
    | RotatedToken,
    Field(discriminator="fault"),
]


def _error(
    status: int, message: str, reason: str | None = None, *, headers: dict[str, str] | None = None
) -> JSONResponse:
    error = {"status": status, "message": message, **({"reason": reason} if reason else {})}
    return JSONResponse({"error": error}, status, headers)
