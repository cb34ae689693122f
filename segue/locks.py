"""Taking turns among the programs of one installation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from filelock import FileLock, Timeout

from segue.console import note
from segue.settings import Settings
from segue.store.address import is_postgresql


@contextmanager
def alone(settings: Settings, name: str, work: str | None = None) -> Iterator[None]:
    """Hold a lock of the installation, waiting for whoever holds it; the end of a process, even a kill, lets go of it.

    Programs that share a store on PostgreSQL share its locks, on whatever machine they run. All others take turns only
    with those that have the same `SEGUE_VAR`, where the lock is a file.

    Parameters
    ----------
    name : str
        Of the lock; tells nothing of a listener.
    work : str, optional
        As in `alone_at`.
    """
    if is_postgresql(settings.store_url):
        from segue.store.postgresql import PostgreSQLStore

        with PostgreSQLStore(settings.store_url).alone(name, lambda: _tell(work)):
            yield
    else:
        with alone_at(settings.var / "locks" / name, work):
            yield


def listener_lock(kind: str, listener_id: str) -> str:
    """Return the name of one of 256 locks of a kind: it tells nothing of a listener, who may leave."""
    return f"{kind}-{sha256(listener_id.encode()).hexdigest()[:2]}"


@contextmanager
def alone_at(path: Path, work: str | None = None) -> Iterator[None]:
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
        _tell(work)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _tell(work: str | None) -> None:
    if work is not None:
        note(f"another program is {work}: waiting for it")
