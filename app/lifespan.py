"""What goes on for as long as the app is served."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from app.security.files import kept
from segue.errors import SegueError
from segue.spotify.retention import purge

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from fastapi import FastAPI

    from app.engine import Engine
    from segue.store import FeatureStore

LOOK_AGAIN = 30.0
"""Seconds between two looks at whether a run has made something new."""
PURGE_AGAIN = 3_600.0
"""Seconds between two deletions of what has expired."""


def lifespan_of(engine: Engine, uploads: Path) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return the app's lifespan: there is a folder for uploads, the engine keeps up, and what has expired goes."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with kept(uploads):
            tasks = [asyncio.create_task(each) for each in (_keep_fresh(engine), _keep_no_longer(engine.store))]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    return lifespan


async def _keep_no_longer(store: FeatureStore) -> None:
    """Delete what may not be kept any longer, whether or not there are nights that would do it."""
    while True:
        try:
            await asyncio.to_thread(purge, store, datetime.now(timezone.utc))
        except SegueError as error:
            logging.getLogger(__name__).warning("what has expired is still there: %s", error)
        await asyncio.sleep(PURGE_AGAIN)


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
