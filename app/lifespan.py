"""What goes on for as long as the app is served."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from app.security.files import kept

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from fastapi import FastAPI

    from app.engine import Engine

LOOK_AGAIN = 30.0
"""Seconds between two looks at whether a run has made something new."""


def lifespan_of(engine: Engine, uploads: Path) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return the app's lifespan: the folder for uploads is there, and the engine is warm and looks for what is new."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with kept(uploads):
            keeping_fresh = asyncio.create_task(_keep_fresh(engine))
            try:
                yield
            finally:
                keeping_fresh.cancel()
                with suppress(asyncio.CancelledError):
                    await keeping_fresh

    return lifespan


async def _keep_fresh(engine: Engine) -> None:
    # Beside the visitors, who find their page meanwhile.
    await asyncio.to_thread(engine.warm_up)
    while True:
        await asyncio.sleep(LOOK_AGAIN)
        try:
            await asyncio.to_thread(engine.renew)
        except Exception:
            # Whatever it was this time, there is a next one.
            logging.getLogger(__name__).exception("still serving what was open")
