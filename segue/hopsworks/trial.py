"""What is made on Hopsworks for a trial is gone after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def trial(drop: Callable[[], None]) -> Iterator[None]:
    """Drop what a killed trial has left, and afterwards what this one has made, however it ended."""
    drop()
    try:
        yield
    except BaseException:
        # What went wrong first is what matters; the next trial drops the rest.
        with suppress(Exception):
            drop()
        raise
    drop()
