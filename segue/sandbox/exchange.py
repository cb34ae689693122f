"""One request on its way in, and the answer on its way out: what a fault can do to them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from segue.sandbox.calls import Call
from segue.sandbox.state import State

_TRANSPORT = "transport"


class DroppableProtocol(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, but a request can reach its connection, to drop it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Put the connection where every request of it finds it."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, _TRANSPORT: transport}


@dataclass(frozen=True)
class Exchange:
    """A request and the way to its answer.

    Attributes
    ----------
    call : Call
    state : State
        What the sandbox remembers.
    """

    call: Call
    state: State
    app: ASGIApp
    scope: Scope
    receive: Receive
    send: Send

    async def go_on(self) -> None:
        """Answer as if nothing were wrong."""
        await self.app(self.scope, self.receive, self.send)

    async def take_effect(self) -> list[Message]:
        """Do what the request asks for, and return the answer unsent."""
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        await self.app(self.scope, self.receive, keep)
        return answer

    async def deliver(self, answer: list[Message]) -> None:
        """Send an answer that was kept."""
        for message in answer:
            await self.send(message)

    async def answer(self, response: Response) -> None:
        """Send an answer of one's own."""
        await response(self.scope, self.receive, self.send)

    async def wait(self, seconds: float) -> None:
        """Wait, but not for a caller who has given up."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._hung_up(), seconds)

    async def drop(self) -> None:
        """End the connection without a word."""
        self.scope["state"][_TRANSPORT].abort()
        await self._hung_up()

    async def _hung_up(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass
