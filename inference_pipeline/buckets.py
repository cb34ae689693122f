"""A run over many listeners, split into buckets that processes serve side by side, here or on other machines."""

from __future__ import annotations

import multiprocessing
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass, field, replace
from functools import partial

import pandas as pd
from joblib import Parallel, delayed

from inference_pipeline.bucket import Bucket, serve_bucket
from inference_pipeline.counts import Counts, count_earlier
from inference_pipeline.playlist_kinds import kinds_named
from inference_pipeline.recommend import calls_for
from inference_pipeline.resuming import is_left
from segue.errors import WorkersError
from segue.settings import Settings
from segue.spotify.budget import Budget
from segue.store import FeatureStore

LOST = "failed: the process that served them was killed, each time (is it out of memory?)"


@dataclass
class Buckets:
    """The buckets of a run; iterate once, for the counts of each as it comes, in whatever order.

    Where a process is killed, all buckets that were under way are served again, one after the other, which tells the
    one that kills processes from the others; of that one its listeners are served one by one. So every listener is
    served but the one whom no process survives.

    Attributes
    ----------
    waiting : deque of Bucket
        Those that nobody has begun with.
    pool : callable
        Returns joblib's `Parallel`, whose backend decides where buckets are served.
    """

    waiting: deque[Bucket]
    pool: Callable[[], Parallel]
    _under_way: dict[tuple[str, ...], Bucket] = field(default_factory=dict)
    _stopped: bool = False

    def __len__(self) -> int:
        return len(self.waiting)

    def __iter__(self) -> Iterator[Counts]:
        while self.waiting and not self._stopped:
            try:
                yield from self._serve(self._begin())
            except BrokenExecutor:
                suspects = list(self._under_way.values())
                self._under_way.clear()
                for suspect in suspects:
                    yield self._serve_alone(suspect)
        # What has ended the run would meet them, too.
        yield from (Counts(deferred=len(bucket.listener_ids)) for bucket in self.waiting)

    def _begin(self) -> Iterator[Bucket]:
        while self.waiting and not self._stopped:
            bucket = self.waiting.popleft()
            self._under_way[bucket.listener_ids] = bucket
            yield bucket

    def _serve(self, buckets: Iterator[Bucket]) -> Iterator[Counts]:
        try:
            for bucket, counts in self.pool()(delayed(serve_bucket)(bucket) for bucket in buckets):
                self._under_way.pop(bucket.listener_ids, None)
                self._stopped |= bool(counts.stopped)
                yield counts
        except multiprocessing.TimeoutError:
            raise WorkersError(
                "no bucket has come to its end for longer than --timeout: look what the processes that serve them are "
                "doing, then go on with --resume"
            ) from None

    def _serve_alone(self, bucket: Bucket) -> Counts:
        try:
            return sum(self._serve(iter([bucket])), Counts())
        except BrokenExecutor:
            if len(bucket.listener_ids) == 1:
                return Counts(listeners=1, failed=1, statuses=Counter([LOST]))
            singles = (replace(bucket, listener_ids=(listener_id,)) for listener_id in bucket.listener_ids)
            return sum(map(self._serve_alone, singles), Counts())


def plan_buckets(
    store: FeatureStore, settings: Settings, run: Bucket, listeners: pd.DataFrame, size: int
) -> tuple[deque[Bucket], Counts]:
    """Cut the listeners for whom today's calls are enough into buckets, those whose playlists are oldest first.

    Parameters
    ----------
    run : Bucket
        What all buckets have in common; its listeners do not count.
    listeners : DataFrame
        Rows of the group `listeners`.
    size : int
        Most listeners in a bucket.

    Returns
    -------
    tuple
        The buckets, and the counts of those who are in none: deferred, or served already since the run began.
    """
    kinds = kinds_named(run.kinds)
    left = is_left(store, run.began, listeners, kinds)
    cost = partial(calls_for, asked=kinds, account=run.account)
    now, later = Budget(store, settings).plan(listeners[left], cost)
    ids = now["listener_id"].tolist()
    cuts = (tuple(ids[start : start + size]) for start in range(0, len(ids), size))
    earlier = count_earlier(store, run.began, listeners["listener_id"][~left].tolist())
    return deque(replace(run, listener_ids=cut) for cut in cuts), earlier + Counts(deferred=len(later))
