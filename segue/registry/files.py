"""Writing so that a kill or a power cut leaves the old or the new, and nothing in between."""

from __future__ import annotations

import os
import re
from pathlib import Path

from segue.errors import InputError

NAME = re.compile(r"\w+", re.ASCII)


def model_folder(root: Path, name: str) -> Path:
    """Return the folder of model `name`: always one below `root`, whatever the name.

    Raises
    ------
    InputError
        If it is anything but letters, digits and underscores, such as a path.
    """
    if not NAME.fullmatch(name):
        raise InputError(f"{name!r} is no name of a model: that is letters, digits and underscores, such as hybrid")
    return root / name


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path` in one step: whoever reads it meets the old text or the new one.

    Raises
    ------
    OSError
        If it cannot be written; the old file stays.
    """
    aside = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        with aside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def is_alive(leftover: Path) -> bool:
    """Return whether the process is running that a folder ``.writing-<process>-…`` is named for."""
    try:
        os.kill(int(leftover.name.split("-")[1]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def flush(folder: Path) -> None:
    """Force every file to disk, so that a power cut cannot leave a version with holes."""
    for path in [*folder.rglob("*"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
