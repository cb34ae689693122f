"""How many threads work on what."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any

from threadpoolctl import ThreadpoolController


def single_threaded() -> AbstractContextManager[Any]:
    """Keep BLAS from starting threads, which for small products cost more than they bring and get in others' way."""
    limit: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limit


@lru_cache(maxsize=1)
def _controller() -> ThreadpoolController:
    # To look which libraries are loaded takes milliseconds: once is enough, as all that is needed here is loaded first.
    return ThreadpoolController()
