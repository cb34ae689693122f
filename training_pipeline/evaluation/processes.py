"""Independent pieces of work in processes of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import redirect_stderr
from os import devnull
from pathlib import Path
from typing import TypeVar

from joblib import Parallel, cpu_count, delayed

from segue.console import track_progress

T = TypeVar("T")

MOST_PROCESSES = 4
MOST_RECORDINGS = 700_000
"""Of all processes together: each takes five kilobytes a recording."""
FEWEST_RECORDINGS = 20_000
"""To start a process takes two seconds: with fewer recordings there is nothing to gain."""


def how_many(n_recordings: int) -> int:
    """Return how many processes are worth their while."""
    if n_recordings < FEWEST_RECORDINGS:
        return 1
    processors: int = cpu_count()
    return max(1, min(processors, MOST_PROCESSES, MOST_RECORDINGS // n_recordings))


def in_processes(calls: Sequence[Callable[[], T]], description: str, processes: int) -> Iterator[T]:
    """Yield what each call returns, in their order; large arrays that they share are not copied.

    Parameters
    ----------
    calls : sequence of callable
    description : str
        What the progress bar says.
    processes : int
        How many work at once; 1 for this process alone.

    Raises
    ------
    MemoryError
        If a process was killed, as systems do that are out of memory.
    """
    if processes == 1 or len(calls) == 1:
        for call in track_progress(calls, description, len(calls)):
            yield call()
        return
    pool = Parallel(min(processes, len(calls)), return_as="generator", pre_dispatch="n_jobs")
    try:
        yield from track_progress(pool(delayed(_quietly)(call) for call in calls), description, len(calls))
    except BrokenProcessPool:
        raise MemoryError from None


def _quietly(call: Callable[[], T]) -> T:
    """Call without the progress bars of the work itself: of several at once, nobody could read any."""
    with Path(devnull).open("w") as nowhere, redirect_stderr(nowhere):
        return call()
