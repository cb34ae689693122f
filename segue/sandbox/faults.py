"""What can go wrong at Spotify: each fault as a rule that says on which calls it happens."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveInt, model_validator
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from segue.sandbox.calls import Call
from segue.sandbox.exchange import Exchange
from segue.sandbox.people import PEOPLE

TOKEN_ENDPOINT = "POST /api/token"  # noqa: S105 - an address
MAX_WAIT = 24 * 3600


def _made_up(user_id: str) -> str:
    known = [person.user_id for person in PEOPLE]
    if user_id not in known:
        raise ValueError(f"no such listener; there are {', '.join(known)}")
    return user_id


class Rule(BaseModel):
    """A fault, and when it happens: on every call that fits, or as `nth`, `every` or `probability` says.

    Attributes
    ----------
    calls : str
        Method and path, such as ``PUT /v1/playlists/*/items``; ``*`` is any method or any one part of a path,
        ``**`` is any rest. By default every call of the Web API.
    listener : str or None
        Only calls with a token of this person, such as ``"juniper"``.
    nth : int or None
        Only the nth call that fits.
    every : int or None
        Only every nth one.
    probability : float or None
        Each one with this probability, 0 to 1, drawn from the plan's seed, for each person apart.
    times : int or None
        At most this often.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    fault: str
    calls: Annotated[str, Field(pattern=r"^(\*|GET|POST|PUT|DELETE) /\S*$")] = "* /v1/**"
    listener: Annotated[str, AfterValidator(_made_up)] | None = None
    nth: PositiveInt | None = None
    every: PositiveInt | None = None
    probability: Annotated[float, Field(ge=0, le=1)] | None = None
    times: PositiveInt | None = None

    @model_validator(mode="after")
    def _one_way_to_say_when(self) -> Rule:
        if sum(each is not None for each in (self.nth, self.every, self.probability)) > 1:
            raise ValueError("give one of nth, every and probability, not several")
        return self

    def fits(self, call: Call) -> bool:
        """Return whether this is one of the calls that the rule is about."""
        pattern = re.escape(self.calls).replace(r"\*\*", ".*").replace(r"\*", "[^/ ]+")
        return self.listener in {None, call.user_id} and re.fullmatch(pattern, call) is not None

    async def apply(self, exchange: Exchange) -> None:
        """Let it happen."""
        raise NotImplementedError


class RateLimited(Rule):
    """429 with Retry-After and no reason: too many calls within 30 seconds."""

    fault: Literal["rate-limited"] = "rate-limited"
    retry_after: Annotated[int, Field(ge=0, le=MAX_WAIT)] = 3

    async def apply(self, exchange: Exchange) -> None:  # noqa: D102 - as every rule
        headers = {"Retry-After": str(self.retry_after)}
        await exchange.answer(_error(429, "API rate limit exceeded", headers=headers))


class QuotaExceeded(Rule):
    """429 with the reason QUOTA_EXCEEDED and a Retry-After of many hours."""

    fault: Literal["quota-exceeded"] = "quota-exceeded"
    retry_after: Annotated[int, Field(ge=0, le=MAX_WAIT)] = 50_000

    async def apply(self, exchange: Exchange) -> None:  # noqa: D102 - as every rule
        headers = {"Retry-After": str(self.retry_after)}
        await exchange.answer(_error(429, "Quota exceeded", "QUOTA_EXCEEDED", headers=headers))


class Unavailable(Rule):
    """A 5xx with an error object, before or after the call took effect."""

    fault: Literal["unavailable"] = "unavailable"
    status: Annotated[int, Field(ge=500, le=599)] = 503
    after_effect: bool = False

    async def apply(self, exchange: Exchange) -> None:  # noqa: D102 - as every rule
        if self.after_effect:
            await exchange.take_effect()
        await exchange.answer(_error(self.status, "Service unavailable"))


class ErrorPage(Rule):
    """A 5xx with a page of HTML instead of JSON, before or after the call took effect."""

    fault: Literal["error-page"] = "error-page"
    status: Annotated[int, Field(ge=500, le=599)] = 502
    after_effect: bool = False

    async def apply(self, exchange: Exchange) -> None:  # noqa: D102 - as every rule
        if self.after_effect:
            await exchange.take_effect()
        await exchange.answer(HTMLResponse(f"<!doctype html><title>Error {self.status}</title>", self.status))


class Dropped(Rule):
    """A connection that ends without an answer, before or after the call took effect."""

    fault: Literal["dropped"] = "dropped"
    after_effect: bool = False

    async def apply(self, exchange: Exchange) -> None:  # noqa: D102 - as every rule
        if self.after_effect:
            await exchange.take_effect()
        await exchange.drop()


class Slow(Rule):
    """An answer that comes late; what was asked for has been done before."""

    fault: Literal["slow"] = "slow"
    seconds: Annotated[float, Field(gt=0, le=MAX_WAIT)]

    async def apply(self, exchange: Exchange) -> None:  # noqa: D102 - as every rule
        answer = await exchange.take_effect()
        await exchange.wait(self.seconds)
        await exchange.deliver(answer)


class Empty(Rule):
    """An answer without a body, to a call that took effect."""

    fault: Literal["empty"] = "empty"
    status: Literal[200, 202, 204] = 200

    async def apply(self, exchange: Exchange) -> None:  # noqa: D102 - as every rule
        await exchange.take_effect()
        await exchange.answer(Response(status_code=self.status))


class AccessExpired(Rule):
    """401: the access token has expired, for this call and every later one."""

    fault: Literal["access-expired"] = "access-expired"

    async def apply(self, exchange: Exchange) -> None:  # noqa: D102 - as every rule
        with exchange.state.changing() as memory:
            grant = memory.access_tokens.get(exchange.call.token)
            if grant is not None:
                grant.expires_at = datetime.now(timezone.utc)
        await exchange.go_on()


class NotPremium(Rule):
    """403: whoever registered the app has no active Premium subscription."""

    fault: Literal["not-premium"] = "not-premium"

    async def apply(self, exchange: Exchange) -> None:  # noqa: D102 - as every rule
        await exchange.answer(_error(403, "Active premium subscription required for the owner of the app."))


class NotRegistered(Rule):
    """403 as plain text: the listener is not one of the app's users."""

    fault: Literal["not-registered"] = "not-registered"

    async def apply(self, exchange: Exchange) -> None:  # noqa: D102 - as every rule
        await exchange.answer(PlainTextResponse("User not registered in the Developer Dashboard", 403))


class InvalidGrant(Rule):
    """400 invalid_grant: the listener's consent has ended; their refresh token is dead from now on."""

    fault: Literal["invalid-grant"] = "invalid-grant"
    calls: str = TOKEN_ENDPOINT

    async def apply(self, exchange: Exchange) -> None:  # noqa: D102 - as every rule
        with exchange.state.changing() as memory:
            memory.refresh_tokens.pop(exchange.call.token, None)
        body = {"error": "invalid_grant", "error_description": "Refresh token revoked"}
        await exchange.answer(JSONResponse(body, 400))


class RotatedToken(Rule):
    """A refresh that brings a new refresh token and ends the old one."""

    fault: Literal["rotated-token"] = "rotated-token"
    calls: str = TOKEN_ENDPOINT

    async def apply(self, exchange: Exchange) -> None:  # noqa: D102 - as every rule
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
