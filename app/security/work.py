"""Recommending takes a processor for a moment: nobody may ask for too much of it, and only so much is done at once."""

from __future__ import annotations

from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from joblib import cpu_count
from limits import RateLimitItemPerMinute

from app.security.rates import Counting, visitor_of
from segue.errors import SegueError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import gradio
    from fastapi import Request

    from segue.settings import Settings

PER_MINUTE = 120
"""Whoever moves every slider there is stays below it; at it, one visitor takes a sixth of two processors."""
RATE = RateLimitItemPerMinute(PER_MINUTE, namespace="work")


class TooMuchError(SegueError):
    """A visitor has asked for too much within a minute.

    Attributes
    ----------
    seconds : int
        After which they may ask again.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(f"that was a lot at once: try again in {seconds} seconds")
        self.seconds = seconds


class Work:
    """Whose turn it is to have something worked out.

    Parameters
    ----------
    settings : Settings
        Whether rates are limited here at all.

    Attributes
    ----------
    places : BoundedSemaphore
        One for each processor, held by whatever is worked out.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings, self._counting = settings, Counting()
        # More at once than there are processors would only take turns on them, and all end late.
        self.places = BoundedSemaphore(cpu_count())

    @contextmanager
    def turn(self, request: Request | gradio.Request) -> Iterator[None]:
        """Wait until something may be worked out for whoever asks.

        Raises
        ------
        TooMuchError
            If they have asked too often.
        """
        self.admit(request)
        with self.places:
            yield

    def admit(self, request: Request | gradio.Request) -> None:
        """Count what somebody asks for, to be worked out as soon as there is a place.

        Raises
        ------
        TooMuchError
            If they have asked too often.
        """
        if self._settings.limit_rates:
            seconds = self._counting.wait(RATE, visitor_of(self._settings, request))
            if seconds:
                raise TooMuchError(seconds)
