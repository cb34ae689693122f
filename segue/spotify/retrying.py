"""Which failures are worth another attempt, and after what wait.

The type of an error says whether the call may have happened: an `UnavailableError` means that nothing was changed, a
429 was certainly not carried out. An `AmbiguousWriteError` is never repeated here, because only the caller can look.
"""

from __future__ import annotations

from collections.abc import Callable

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_exponential, wait_random

from segue.errors import RateLimitedError, UnavailableError

ATTEMPTS = 4
"""How often one call is made at most."""

LONGEST_WAIT = 30
"""Seconds of a rate limit that are waited for: the window that Spotify counts in. Longer ones end the run."""

_backoff = wait_exponential(multiplier=0.5, max=8) + wait_random(0, 0.5)


def retrying(sleep: Callable[[float], None]) -> Retrying:
    """Return the retry policy of a call; the last failure is raised as it is.

    Parameters
    ----------
    sleep : callable
        What waits for a number of seconds.
    """
    return Retrying(
        retry=retry_if_exception(_is_worth_another),
        wait=_wait,
        stop=stop_after_attempt(ATTEMPTS),
        sleep=sleep,
        reraise=True,
    )


def _is_worth_another(error: BaseException) -> bool:
    if isinstance(error, RateLimitedError):
        return error.wait is not None and error.wait <= LONGEST_WAIT
    return isinstance(error, UnavailableError)


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    # Never at once, even where Spotify says 0: every attempt counts against the quota.
    return max(error.wait or 0, 1) if isinstance(error, RateLimitedError) else _backoff(state)
