"""joblib's backend for Dask, as far as it is not yet what a long run needs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from typing import Any

from distributed import KilledWorker
from joblib._dask import DaskDistributedBackend

from segue.errors import SegueError, WorkersError


class DaskBackend(DaskDistributedBackend):  # type: ignore[misc] # joblib has no types
    """A backend that hears of the tasks that Dask gives up: with joblib's own a run would wait for them for ever.

    joblib 1.6 calls back for what a task returns or raises, but not where Dask has no answer of the task at all.
    """

    supports_timeout = True  # joblib sees to that itself, in every backend that calls back

    def effective_n_jobs(self, n_jobs: int) -> int:
        """Return how many tasks run at once, at least 2: for a single one joblib would do the work in this process."""
        return max(int(super().effective_n_jobs(n_jobs)), 2)

    def submit(self, func: Any, callback: Callable[[Any], object] | None = None) -> Future[Any]:
        """Hand in a task, and call back with its result or with why there is none."""
        future: Future[Any] = super().submit(func, callback)
        if callback is not None:
            future.add_done_callback(lambda done: callback(error) if (error := done.exception()) else None)
        return future

    def retrieve_result_callback(self, out: Any) -> Any:
        """Return the result of a task, or raise why there is none."""
        if isinstance(out, KilledWorker):
            raise BrokenExecutor(str(out)) from out
        if isinstance(out, SegueError):
            raise out
        if isinstance(out, BaseException):
            raise WorkersError(
                "the cluster has lost a bucket: look whether its scheduler still runs, and whether all workers have "
                f"the same Segue installed, then go on with --resume ({type(out).__name__})"
            ) from out
        return super().retrieve_result_callback(out)
