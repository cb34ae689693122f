"""When a fault happens: to which calls, and to how many of them."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveInt, model_validator

from segue.sandbox.calls import Call
from segue.sandbox.exchange import Exchange
from segue.sandbox.people import PEOPLE

Pattern = Annotated[str, Field(pattern=r"^(\*|GET|POST|PUT|DELETE) /\S*$")]
"""Of a method and a path."""


def _made_up(user_id: str) -> str:
    known = [person.user_id for person in PEOPLE]
    if user_id not in known:
        raise ValueError(f"no such listener; there are {', '.join(known)}")
    return user_id


class Rule(BaseModel, ABC):
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
    calls: Pattern = "* /v1/**"
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

    @abstractmethod
    async def __call__(self, exchange: Exchange) -> None:
        """Let it happen to this exchange."""
