"""A night in buckets: two workers beside one, in processes here and on a Dask cluster over TCP.

The playlists are made and stored, and not published: Spotify's limits are the same for any number of workers. Each side
opens the catalog and the model in each of its processes. Where PostgreSQL is installed, the store is on a server, which
works on the same cores; else it is SQLite, and there is no cluster. `SEGUE_VAR` says whose catalog and model.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from joblib import Parallel

from benchmarks.finished import embedded_store, finished_var
from benchmarks.measure import Ratio, compare
from inference_pipeline.account import Rehearsal
from inference_pipeline.backends import opened_pool
from inference_pipeline.night import Night
from inference_pipeline.publish import Listing, keep_recommended
from segue.errors import WorkersError
from segue.groups import FEEDBACK, LISTENERS, LISTENS, RECOMMENDATIONS, SERVED, TRACKS
from segue.sandbox.address import environment
from segue.settings import Settings, load_settings
from segue.spotify.retention import TIME_TO_LIVE
from segue.store import FeatureStore, open_store

SIZE = 300
PLAYED = 100
BUCKET = 10
PATIENCE = 600.0
NOWHERE = 9
"""A port at which nobody answers, and nobody is called."""


class Stored(Rehearsal):
    """No account: what is made is stored, and goes nowhere else."""

    def publish(self, listing: Listing) -> bool:
        """Store a playlist."""
        keep_recommended(self.turn.store, self.turn.listener_id, listing, self.turn.now)
        return True


def ratios() -> Iterator[Ratio]:
    """Compare two workers with one."""
    with finished_var() as lent, _postgresql() as address, _surroundings(lent, address) as settings:
        store = open_store(settings.store_url)
        _populate(store, open_store(lent.store_url))
        with ExitStack() as running:
            ways = {"processes here": [running.enter_context(_processes(settings, n)) for n in (2, 1)]}
            if address is not None:
                ways["a Dask cluster"] = [running.enter_context(_cluster(settings, n)) for n in (2, 1)]
            for place, (two, one) in ways.items():
                yield _compared(f"{place}, store in {'SQLite' if address is None else 'PostgreSQL'}", store, two, one)


def _compared(place: str, store: FeatureStore, two: Callable[[], Parallel], one: Callable[[], Parallel]) -> Ratio:
    night = Night(store, load_settings(), account=Stored)

    def serve(pool: Callable[[], Parallel]) -> None:
        counts = night.in_buckets(pool, BUCKET)
        if (counts.listeners, counts.failed) != (SIZE, 0):
            raise RuntimeError(f"of {SIZE} listeners {counts.listeners} were served: {dict(counts.statuses)}")

    found = compare(
        f"{SIZE} listeners in buckets of {BUCKET}: two workers, {place}",
        lambda: serve(two),
        "one worker",
        lambda: serve(one),
        rounds=1,
        clock=time.perf_counter,
        faster=True,
    )
    return replace(found, note=f"{SIZE / found.ours:.1f} listeners a second; one worker {SIZE / found.theirs:.1f}")


@contextmanager
def _postgresql() -> Iterator[str | None]:
    """Give the address of a server of one's own, where PostgreSQL is installed."""
    from tests.postgresql_server import own_server, programs

    found = programs()
    if found is None:
        yield None
    else:
        with own_server(found) as address:
            yield address


@contextmanager
def _surroundings(lent: Settings, address: str | None) -> Iterator[Settings]:
    """Let this process and those that it starts work on the lent `var` and the store at `address`, with no Spotify."""
    before = dict(os.environ)
    store = address or embedded_store(lent.var)
    os.environ.update({"SEGUE_VAR": str(lent.var.absolute()), "SEGUE_STORE": store, **environment(NOWHERE)})
    try:
        yield load_settings()
    finally:
        os.environ.clear()
        os.environ.update(before)


def _processes(settings: Settings, workers: int) -> AbstractContextManager[Callable[[], Parallel]]:
    return opened_pool(settings, None, workers, PATIENCE)


@contextmanager
def _cluster(settings: Settings, workers: int) -> Iterator[Callable[[], Parallel]]:
    with ExitStack() as running:
        folder = running.enter_context(TemporaryDirectory())
        file = Path(folder) / "scheduler.json"

        def start(*arguments: str) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", "dask", *arguments, "--host", "127.0.0.1", "--no-dashboard"]
            program = subprocess.Popen(command, stderr=subprocess.DEVNULL)
            running.callback(program.wait)
            running.callback(program.kill)
            return program

        scheduler = start("scheduler", "--port", "0", "--scheduler-file", str(file))
        # Ends with a line break, once it is whole.
        while not file.exists() or not file.read_text().rstrip().endswith("}"):
            if scheduler.poll() is not None:
                raise WorkersError("the scheduler did not start: pip install 'segue[dask]'")
            time.sleep(0.1)
        address = str(json.loads(file.read_text())["address"])
        for number in range(workers):
            place = str(Path(folder) / f"worker-{number}")
            start("worker", address, "--nthreads", "1", "--no-nanny", "--local-directory", place)
        yield running.enter_context(opened_pool(settings, address, workers, PATIENCE))


def _populate(store: FeatureStore, lent: FeatureStore) -> None:
    """Bring the catalog into the store, and listeners who each play a hundred tracks out of a stretch of it."""
    random = np.random.default_rng(0)
    tracks = lent.read(TRACKS)
    store.replace(TRACKS, tracks)
    for group in (FEEDBACK, RECOMMENDATIONS, SERVED):
        store.replace(group, pd.DataFrame(columns=list(group.columns)))
    ids = [f"sandbox-{number:04}" for number in range(SIZE)]
    now = pd.Timestamp.now("UTC")
    connected = {"service": "sandbox", "token": "none", "scopes": "", "consented_at": now, "status": "connected"}
    columns = {"display_name": None, "coverage": None, "playlists": "{}", "settings": None, **connected}
    store.replace(LISTENERS, pd.DataFrame({"listener_id": ids}).assign(**columns))
    named = tracks[tracks["title"].notna() & tracks["artists"].notna()].sort_values(["genres", "artists"])
    played = [named.iloc[_stretch(random, len(named))].assign(listener_id=one) for one in ids]
    ranks = {"rank": lambda frame: frame.groupby("listener_id").cumcount() + 1}
    seen = {"source": "medium_term", "matched_by": "id", "fetched_at": now, "expires_at": now + TIME_TO_LIVE}
    listens = pd.concat(played, ignore_index=True).assign(matched_track_id=lambda frame: frame["track_id"])
    store.replace(LISTENS, listens.assign(**ranks, **seen)[list(LISTENS.columns)])


def _stretch(random: np.random.Generator, n: int) -> np.ndarray:
    wide = min(n, 10 * PLAYED)
    return random.integers(0, n - wide + 1) + random.choice(wide, min(PLAYED, wide), replace=False)
