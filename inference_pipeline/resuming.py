"""Where a run that was stopped goes on: for whom everything has been made since it began."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone

import pandas as pd

from inference_pipeline.dead_tracks import purge_unavailable
from inference_pipeline.kept import parse_kept
from inference_pipeline.playlist_kinds import Kind
from inference_pipeline.turn import kinds_of, wishes_of
from segue.console import note
from segue.errors import InputError
from segue.locks import alone
from segue.runs import last_runs
from segue.settings import Settings
from segue.spotify.listeners import playlists_made
from segue.spotify.retention import purge
from segue.store import FeatureStore

BEGAN = "began"
"""The key under which a run's report says when it, or the one that it goes on with, began."""


@contextmanager
def only_run(store: FeatureStore, settings: Settings, *, resume: bool = False) -> Iterator[datetime]:
    """Keep other runs away, delete what nobody may keep any longer, and give the time as of which all is made.

    Parameters
    ----------
    resume : bool
        Whether that is the time when today's last run began, if it has left anything to do.
    """
    with alone(settings, "playlists", "refreshing playlists"):
        now = datetime.now(timezone.utc)
        purge(store, now)
        purge_unavailable(store, now)
        began = _left_off(store, now) if resume else None
        if began is not None:
            note(f"going on with the run of {began:%H:%M} UTC")
        yield began or now


def _left_off(store: FeatureStore, now: datetime) -> datetime | None:
    """Return when today's last run began, if it was stopped, has failed for somebody, or has deferred anybody."""
    for run in last_runs(store):
        if run.pipeline == "playlists" and BEGAN in run.report:
            began = datetime.fromisoformat(run.report[BEGAN])
            finished = run.status == "done" and not run.report["failed"] and not run.report["deferred"]
            # Another day has other playlists.
            return began if began.date() == now.date() and not finished else None
    return None


def is_left(store: FeatureStore, began: datetime, listeners: pd.DataFrame, asked: Sequence[Kind]) -> pd.Series:
    """Return for each listener whether a run that began then has anything left to make; what they removed it has not.

    Parameters
    ----------
    listeners : DataFrame
        Rows of the group `listeners`.
    asked : sequence of Kind
        The playlists that the run makes for everybody; none for those that each keeps.

    Returns
    -------
    Series of bool
        Indexed as `listeners`.
    """
    made = playlists_made(store, listeners["listener_id"])
    since = made[made["made_at"] >= began].groupby("listener_id")["playlist"].agg(set)
    left = [_is_left(listener, asked, since.get(listener["listener_id"])) for _, listener in listeners.iterrows()]
    return pd.Series(left, listeners.index, dtype=bool)


def _is_left(listener: pd.Series, asked: Sequence[Kind], made: set[str] | None) -> bool:
    if made is None:
        # Nothing, even where they have removed everything: only a look shows whether they have put something back.
        return True
    try:
        wanted = {kind.name for kind in kinds_of(wishes_of(listener), asked)}
    except InputError:
        return True
    return not wanted <= made | {name for name, kept in parse_kept(listener["playlists"]).items() if kept.removed_at}
