"""Whether there is room to work in."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from segue.doctor.finding import Finding, fix, ok
from segue.settings import Settings

NEEDED = 1_000_000_000
"""Bytes: real datasets as they are downloaded, the catalog made of them, and a few versions of a model."""


def check_disk(settings: Settings) -> Finding:
    """Look at the folder that everything is written to, and at the one for temporary files."""
    folder = first_there(settings.var)
    if not os.access(folder, os.W_OK | os.X_OK):
        return fix(f"{folder} cannot be written to: set SEGUE_VAR to a folder of yours")
    for place in (folder, Path(tempfile.gettempdir())):
        free = shutil.disk_usage(place).free
        if free < NEEDED:
            return fix(
                f"{free / 1e9:.1f} GB are free at {place}, and a night takes up to {NEEDED / 1e9:.0f} GB: free some"
            )
    return ok(f"{shutil.disk_usage(folder).free / 1e9:,.0f} GB are free for {settings.var}")


def first_there(path: Path) -> Path:
    """Return a folder, or the nearest one above it that is there."""
    path = path.absolute()
    return next(folder for folder in (path, *path.parents) if folder.is_dir())
