"""A run of `segue playlists`: the listeners one after the other, or in buckets side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from uuid import uuid4

import pandas as pd
from joblib import Parallel

from inference_pipeline.account import Account, Rehearsal
from inference_pipeline.bucket import Bucket
from inference_pipeline.buckets import Buckets, plan_buckets
from inference_pipeline.counts import Counts, count_earlier, count_served
from inference_pipeline.kept import bring_back_for
from inference_pipeline.libraries import Libraries
from inference_pipeline.playlist_kinds import Kind, kinds_named
from inference_pipeline.recommend import Service
from inference_pipeline.resuming import BEGAN, only_run
from inference_pipeline.served import Served
from segue.console import track_progress
from segue.runs import recorded_run
from segue.settings import Settings
from segue.spotify.listeners import connected_listeners
from segue.store import FeatureStore


@dataclass(frozen=True)
class Night:
    """What is asked of a run.

    Attributes
    ----------
    kinds : sequence of Kind
        The playlists to make for everybody; none for those that each keeps.
    only : str, optional
        Id of the one listener to serve.
    account : type of Account
        Where the playlists go.
    resume : bool
        Whether to go on with today's last run, where that has left anything to do.
    bring_back : str, optional
        Name of a playlist that a listener has removed, to be made again.
    """

    store: FeatureStore
    settings: Settings
    kinds: Sequence[Kind] = ()
    only: str | None = None
    account: type[Account] = Rehearsal
    resume: bool = False
    bring_back: str | None = None

    def listeners(self) -> pd.DataFrame:
        """Return those whom it is about."""
        return connected_listeners(self.store, self.settings, None if self.only is None else [self.only])

    def one_by_one(self, libraries: Libraries) -> tuple[list[Served], dict[str, Any]]:
        """Serve one listener after the other in this process, and return what came of each playlist.

        Returns
        -------
        tuple
            The playlists, and `Service.report`.
        """
        with self._begun() as (began, report):
            service = Service(self.store, self.settings, libraries, self.kinds, self.account, began)
            served = list(track_progress(service.serve(self.listeners()), "Making playlists"))
            turns = service.report
            counts = count_served(served) + count_earlier(self.store, began, turns["earlier"])
            counts += Counts(deferred=len(turns["deferred"]), calls=turns["calls"])
            report |= {"model": libraries.open("hybrid").label, **counts.totals()}
        return served, turns

    def in_buckets(self, pool: Callable[[], Parallel], size: int) -> Counts:
        """Serve buckets of at most `size` listeners wherever `pool` does, and return what came of all."""
        with self._begun() as (began, report):
            names = tuple(kind.name for kind in self.kinds)
            run = Bucket(uuid4().hex, (), names, began, self.account)
            waiting, counts = plan_buckets(self.store, self.settings, run, self.listeners(), size)
            buckets = Buckets(waiting, pool)
            counts = sum(track_progress(buckets, "Serving buckets of listeners", len(buckets)), counts)
            report |= {"model": ", ".join(sorted(counts.models)), **counts.totals()}
        return counts

    @contextmanager
    def _begun(self) -> Iterator[tuple[datetime, dict[str, Any]]]:
        """Begin; give the time as of which everything is made, and what the record of the run will say."""
        if self.account is Rehearsal:
            # Nothing is stored, no record either.
            yield datetime.now(timezone.utc), {}
            return
        if self.bring_back is not None:
            kinds_named([self.bring_back])
            bring_back_for(self.store, self.settings, self.bring_back, self.only)
        with (
            only_run(self.store, self.settings, resume=self.resume) as began,
            recorded_run(
                self.store, "playlists", for_all=self.only is None, known={BEGAN: began.isoformat()}
            ) as report,
        ):
            yield began, report
