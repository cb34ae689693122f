"""What came of a bucket of listeners, or of a whole run: nothing about any one listener."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from inference_pipeline.chain import total
from inference_pipeline.served import Served
from segue.groups import RECOMMENDATIONS
from segue.spotify.listeners import FEW
from segue.store import FeatureStore


@dataclass(frozen=True)
class Counts:
    """Counts that can be added.

    Attributes
    ----------
    listeners, playlists, tracks : int
        Who was served since the run began, playlists that were made for them, and tracks on these.
    earlier : int
        Listeners of whom that was so before: served before the run was stopped, or before a process was killed.
    deferred : int
        Listeners who must wait for another day.
    failed : int
        Playlists that failed, and listeners for whom it did not come so far.
    calls, token_requests : int
        What was asked of Spotify; what a process that was killed asked stays set aside in the day's budget.
    statuses : Counter
        How many playlists, or listeners for whom it did not come so far, have each status.
    removed : Counter
        How many candidates each filter removed.
    models : frozenset of str
        Labels of the hybrids that the processes had.
    stopped : frozenset of str
        What ended the run before its time.
    """

    listeners: int = 0
    playlists: int = 0
    tracks: int = 0
    earlier: int = 0
    deferred: int = 0
    failed: int = 0
    calls: int = 0
    token_requests: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    models: frozenset[str] = frozenset()
    stopped: frozenset[str] = frozenset()

    def __add__(self, other: Counts) -> Counts:
        sums: dict[str, Any] = {}
        for each in fields(self):
            mine, theirs = getattr(self, each.name), getattr(other, each.name)
            sums[each.name] = mine | theirs if isinstance(mine, frozenset) else mine + theirs
        return Counts(**sums)

    def totals(self) -> dict[str, int]:
        """Return what is kept of a run."""
        names = ("listeners", "failed", "playlists", "tracks", "deferred", "calls")
        earlier = {"earlier": self.earlier} if self.earlier else {}
        return {**{name: getattr(self, name) for name in names}, **earlier}


def count_served(served: Sequence[Served]) -> Counts:
    """Return what came of listeners who were served now."""
    return Counts(
        listeners=len({one.listener_id for one in served}),
        playlists=sum(bool(one.tracks) for one in served),
        tracks=sum(one.tracks for one in served),
        failed=sum(one.failed for one in served),
        statuses=Counter(one.status for one in served),
        removed=Counter(total([one.removed for one in served])),
    )


def count_earlier(store: FeatureStore, began: datetime, listener_ids: Sequence[str]) -> Counts:
    """Return what was made since a run began for listeners who were served earlier in it."""
    counts = Counts(listeners=len(listener_ids), earlier=len(listener_ids))
    for start in range(0, len(listener_ids), FEW):
        some = {"listener_id": list(listener_ids[start : start + FEW])}
        rows = store.read(RECOMMENDATIONS, ["listener_id", "playlist", "made_at"], some)
        made = rows[rows["made_at"] >= began]
        counts += Counts(playlists=len(made[["listener_id", "playlist"]].drop_duplicates()), tracks=len(made))
    return counts
