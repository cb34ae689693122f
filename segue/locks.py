"""Taking turns among the programs of one installation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from segue.console import note


@contextmanager
def alone(path: Path, work: str | None = None) -> Iterator[None]:
    """Hold the lock file at `path`, waiting for whoever holds it; the end of a process, even a kill, lets go of it.

    Parameters
    ----------
    path : Path
        Created, with its folder, where it is not there.
    work : str, optional
        What a program that holds it is doing, for those who wait: "another program is …: waiting for it". Without it
        they wait in silence.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if work is not None:
            note(f"another program is {work}: waiting for it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
