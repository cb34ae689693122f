"""Where buckets are served: in processes here, or on a cluster of Dask's. Both are backends of joblib."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from joblib import Parallel, effective_n_jobs

from segue.errors import SettingsError, WorkersError
from segue.settings import Settings
from segue.store.address import is_postgresql

if TYPE_CHECKING:
    from distributed import Client

MISSING = "--backend dask needs Dask: pip install 'segue[dask]', or uv pip install --editable '.[dask]'"
CONNECT_SECONDS = 10
"""How long a scheduler has to answer."""
WORKER_SECONDS = 60
"""How long its first worker has to come up."""


@contextmanager
def opened_pool(
    settings: Settings, scheduler: str | None, workers: int, patience: float
) -> Iterator[Callable[[], Parallel]]:
    """Give what makes a pool: of processes on this machine, or of all workers of a cluster.

    Parameters
    ----------
    scheduler : str, optional
        That of the cluster, such as ``tcp://10.0.0.7:8786``.
    workers : int
        How many processes; -1 for one for each core.
    patience : float
        Seconds after which it is given up, where no bucket has come to its end meanwhile.

    Raises
    ------
    SettingsError
        If a cluster could not get at the store, or Dask is not installed.
    WorkersError
        If no scheduler answers there, or none of its workers comes up.
    """
    if scheduler is None:
        # A single one is this process, which cannot be waited for.
        waits = effective_n_jobs(workers) > 1
        yield partial(_pool, n_jobs=workers, backend="loky", timeout=patience if waits else None)
        return
    if not is_postgresql(settings.store_url):
        raise SettingsError(
            "the workers of a cluster take turns by the locks of a server: set SEGUE_STORE to "
            "postgresql://USER:PASSWORD@HOST/DATABASE, or take --backend processes"
        )
    with _connected(scheduler) as client:
        from inference_pipeline.dask_backend import DaskBackend

        yield lambda: _pool(backend=DaskBackend(client=client), timeout=patience)


@contextmanager
def _connected(scheduler: str) -> Iterator[Client]:
    try:
        from distributed import Client
    except ImportError:
        raise SettingsError(MISSING) from None
    # What it has to say of lost connections is said below, in one line.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client = Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]  # Dask's own
    except (OSError, ValueError) as error:
        raise WorkersError(
            f"no scheduler of Dask's answers at {scheduler}: start one with `dask scheduler`, or correct --scheduler"
        ) from error
    with client:
        try:
            client.wait_for_workers(1, WORKER_SECONDS)
        except asyncio.TimeoutError:  # which is not yet the built-in one in Python 3.10
            raise WorkersError(
                f"the scheduler at {scheduler} has no worker: start some with `dask worker {scheduler} --nthreads 1`"
            ) from None
        yield client


def _pool(**options: object) -> Parallel:
    # A batch for each bucket: they are long enough, and so it is known which one kills a process.
    return Parallel(return_as="generator_unordered", batch_size=1, **options)
