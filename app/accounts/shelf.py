"""What the app remembers of logins that have begun: under ids that nobody can guess, for a limited time."""

from __future__ import annotations

import secrets
import time
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Shelf(Generic[T]):
    """Values by id, in this process's memory only: a login that a restart forgets begins anew.

    Parameters
    ----------
    lifetime : float
        Seconds that a value can be had.
    capacity : int
        The most values kept; beyond it the oldest one goes, so that visitors cannot fill the memory.
    clock : callable
        Returns the time in seconds.
    """

    def __init__(self, lifetime: float, capacity: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._lifetime, self._capacity, self._clock = lifetime, capacity, clock
        self._values: dict[str, tuple[float, T]] = {}
        self._lock = Lock()

    def put(self, value: T) -> str:
        """Keep a value, and return its new id."""
        key = secrets.token_urlsafe(32)
        with self._lock:
            while len(self._values) >= self._capacity:
                del self._values[next(iter(self._values))]
            self._values[key] = (self._clock() + self._lifetime, value)
        return key

    def take(self, key: str | None) -> T | None:
        """Return a value and forget it: of any number who ask, one gets it; None where it is not there (any more)."""
        with self._lock:
            kept = self._values.pop(key or "", None)
        return None if kept is None or kept[0] <= self._clock() else kept[1]
