"""What a listener was served before, so that a playlist stays fresh."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cached_property

import pandas as pd

from segue.groups import SERVED
from segue.spotify.retention import TIME_TO_LIVE
from segue.store import FeatureStore

WINDOW = timedelta(weeks=4)
LEAST_NEW = 0.6
"""The share of a playlist that was not on the last one."""
_NOTHING = SERVED.cast(pd.DataFrame(columns=list(SERVED.columns)))


@dataclass(frozen=True)
class History:
    """What was on a listener's playlists.

    A run may be repeated on the same day and must end in the same lists. So of today, what this run replaces does not
    count: the playlist that it makes now, and those that it makes after it. Every other one does, whichever run made
    it.

    Attributes
    ----------
    served : DataFrame
        One listener's rows of the group `served`.
    today : date
        The day, UTC.
    replaced : collection of str
        The playlists that are yet to be made in this run.
    """

    served: pd.DataFrame
    today: date
    replaced: Collection[str]

    def recent(self) -> set[str]:
        """Return what was on any of their playlists in the last four weeks."""
        today, earlier = self.today.isoformat(), (self.today - WINDOW).isoformat()
        return {
            track_id
            for playlist, served_on, track_id in self._rows
            if earlier < served_on < today or (served_on == today and playlist not in self.replaced)
        }

    def last(self, playlist: str) -> set[str]:
        """Return what was on the playlist when it was last made before today."""
        return self._on_the_last_day(playlist, until=self.today.isoformat())

    def latest(self, playlist: str) -> set[str]:
        """Return what was on the playlist when it was last written, or read back after a write that was cut off."""
        return self._on_the_last_day(playlist)

    def _on_the_last_day(self, playlist: str, until: str = "9999") -> set[str]:
        on_it = [row for row in self._rows if row[0] == playlist and row[1] < until]
        last = max((served_on for _, served_on, _ in on_it), default="")
        return {track_id for _, served_on, track_id in on_it if served_on == last}

    @cached_property
    def _rows(self) -> list[tuple[str, str, str]]:
        """Playlist, day and track of each row: of so few, Python looks faster than pandas begins."""
        columns = (self.served[name].to_numpy(object) for name in ("playlist", "served_on", "track_id"))
        return list(zip(*columns, strict=True))


def nothing_served(now: datetime) -> History:
    """Return the history of somebody who was never served."""
    return History(_NOTHING, _today(now), ())


def read_history(store: FeatureStore, listener_id: str, replaced: Collection[str], now: datetime) -> History:
    """Read what `listener_id` was served, as far as it is kept; `replaced` as in `History`."""
    served = store.read(SERVED, where={"listener_id": listener_id})
    return History(served[served["expires_at"] > now], _today(now), replaced)


def remember(store: FeatureStore, listener_id: str, playlist: str, track_ids: Sequence[str], now: datetime) -> None:
    """Write down what a playlist is about to hold today, in place of what a run earlier today wrote."""
    key = _key(listener_id, playlist, _day(now))
    rows = pd.DataFrame({"track_id": list(track_ids)}).assign(**key, published=False, expires_at=now + TIME_TO_LIVE)
    store.replace(SERVED, rows, key)


def confirm(store: FeatureStore, listener_id: str, playlist: str, now: datetime) -> None:
    """Note that Spotify holds what was written down for today."""
    store.update(SERVED, _key(listener_id, playlist, _day(now)), {"published": True})


def settle(store: FeatureStore, history: History, playlist: str, held: Callable[[], Sequence[str]]) -> bool:
    """Replace what was written down but never confirmed, as by a run that was killed, by what Spotify holds.

    Parameters
    ----------
    history : History
    playlist : str
    held : callable
        Returns the tracks of the playlist in Spotify; it is called only where something is unconfirmed.

    Returns
    -------
    bool
        Whether something was: then the history must be read anew.
    """
    rows = history.served[(history.served["playlist"] == playlist) & ~history.served["published"]]
    if rows.empty:
        return False
    there = pd.DataFrame({"track_id": sorted(set(held()))})
    days = rows[["listener_id", "served_on", "expires_at"]].drop_duplicates()
    for listener_id, served_on, expires_at in days.itertuples(index=False):
        key = _key(listener_id, playlist, served_on)
        store.replace(SERVED, there.assign(**key, published=True, expires_at=expires_at), key)
    return True


def _key(listener_id: str, playlist: str, served_on: str) -> dict[str, str]:
    return {"listener_id": listener_id, "playlist": playlist, "served_on": served_on}


def _day(now: datetime) -> str:
    return _today(now).isoformat()


def _today(now: datetime) -> date:
    return now.astimezone(timezone.utc).date()
