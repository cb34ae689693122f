"""The models that a program may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import HTTPException

from segue.errors import ModelNotFoundError

if TYPE_CHECKING:
    from app.engine import Engine
    from inference_pipeline.libraries import Opened

USUAL = "hybrid"


def open_model(engine: Engine, name: str = USUAL) -> Opened:
    """Return a model.

    Raises
    ------
    HTTPException
        404, if it is one of those that nobody needs to train.
    SegueError
        If there is no catalog, or not even the usual model.
    """
    try:
        return engine.open(name)
    except ModelNotFoundError:
        if name == USUAL:
            raise
        raise HTTPException(404, f"There is no model {name!r} here: choose {USUAL!r}.") from None
