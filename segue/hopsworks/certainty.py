"""Doing something on Hopsworks once, though its answers get lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import requests
from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_delay, wait_exponential

from segue.hopsworks.failures import code_of

NOT_THERE = {110008, 110011, 110018}
"""What Hopsworks calls a file, a dataset and a path that are not there."""
TRIES = 3


def is_unclear(error: BaseException) -> bool:
    """Return whether what was asked may have been done all the same: the answer was lost on the way."""
    response = getattr(error, "response", None)
    if response is None:
        return isinstance(error, requests.RequestException)
    return response.status_code in {
        requests.codes.request_timeout,
        requests.codes.bad_gateway,
        requests.codes.service_unavailable,
        requests.codes.gateway_timeout,
    }


def make_sure(step: Callable[[], object], is_done: Callable[[], bool], patience: float) -> None:
    """Do `step`; where its answer is lost, look before trying it again.

    Parameters
    ----------
    step : callable
        Raises an error if it was not done, or if that is not known.
    is_done : callable
        Looks whether it has been done.
    patience : float
        Seconds to go on looking: behind a gateway that gave up, the server may still be at work.

    Raises
    ------
    Exception
        What `step` raised, if it has not been done.
    """
    for left in reversed(range(TRIES)):
        try:
            step()
        except Exception as error:
            unclear = is_unclear(error)
            if _seen(is_done, patience if unclear else 0):
                return
            if not unclear or left == 0:
                raise
        else:
            return


def exists(dataset: Any, path: str) -> bool:
    """Return whether a path is there. The client's own answer is "no" whatever went wrong."""
    try:
        dataset.get(path)
    except Exception as error:
        if code_of(error) in NOT_THERE:
            return False
        raise
    return True


def _seen(is_done: Callable[[], bool], patience: float) -> bool:
    def look() -> bool:
        with suppress(Exception):
            return is_done()
        return False

    def give_up(_: RetryCallState) -> bool:
        return False

    looking = Retrying(
        retry=retry_if_result(lambda seen: not seen),
        stop=stop_after_delay(patience),
        wait=wait_exponential(multiplier=0.25, max=4),
        retry_error_callback=give_up,
    )
    return looking(look)
