"""Writing so that a kill or a power cut leaves the old or the new, and nothing in between."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import get_ident


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path` in one step: whoever reads it meets the old text or the new one.

    Raises
    ------
    OSError
        If it cannot be written; the old file stays.
    """
    aside = path.with_name(f".{path.name}-{os.getpid()}-{get_ident()}")
    try:
        with aside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def writing_aside(home: Path) -> Iterator[Path]:
    """Give a new folder below `home` to write into; what is still in its place at the end is deleted.

    A dot keeps it out of every listing; one that a killed process left is swept here.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    home.mkdir(parents=True, exist_ok=True)
    for leftover in home.glob(".writing-*"):
        if not is_alive(leftover):
            shutil.rmtree(leftover, ignore_errors=True)
    aside = Path(tempfile.mkdtemp(prefix=f".writing-{os.getpid()}-", dir=home))
    try:
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


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
