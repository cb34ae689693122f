"""What is registered in SEGUE_VAR, for topics that measure it where there is anything."""

from __future__ import annotations

from collections.abc import Iterable

from inference_pipeline.library import Library
from inference_pipeline.models import load_model
from segue.console import note
from segue.errors import SegueError
from segue.models.catalog import read_catalog
from segue.settings import load_settings
from segue.store import open_store


def registered_library(columns: Iterable[str]) -> Library | None:
    """Return the hybrid of SEGUE_VAR with its catalog, read with `columns`; None where there is none."""
    settings = load_settings()
    try:
        model = load_model(settings, "hybrid").blend
        return Library(model, read_catalog(open_store(settings.store_url), columns))
    except SegueError as error:
        note(f"made up rather than registered: {error}")
        return None
