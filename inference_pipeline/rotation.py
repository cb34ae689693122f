"""What a listener was served before, so that a playlist stays fresh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from itertools import takewhile

import pandas as pd

from segue.groups import SERVED
from segue.spotify.retention import TIME_TO_LIVE
from segue.store import FeatureStore

WINDOW = timedelta(weeks=4)
LEAST_NEW = 0.6
"""The share of a playlist that was not on the last one."""


@dataclass(frozen=True)
class History:
    """What was on a listener's playlists.

    A run may be repeated on the same day and must end in the same lists. So what a playlist itself held today does not
    count, nor what those held that come after it; what those held that come before it does.

    Attributes
    ----------
    served : DataFrame
        One listener's rows of the group `served`.
    today : date
        The day, UTC.
    """

    served: pd.DataFrame
    today: date

    def recent(self, playlist: str, kept: Sequence[str]) -> set[str]:
        """Return what was on any of their playlists in the last four weeks.

        Parameters
        ----------
        playlist : str
            The one to be made.
        kept : sequence of str
            All playlists that they keep, in the order in which they are made.
        """
        today, earlier = self.today.isoformat(), (self.today - WINDOW).isoformat()
        served_on = self.served["served_on"]
        before = (served_on > earlier) & (served_on < today)
        beside = self.served["playlist"].isin(list(takewhile(lambda name: name != playlist, kept)))
        return set(self.served.loc[before | ((served_on == today) & beside), "track_id"])

    def last(self, playlist: str) -> set[str]:
        """Return what was on the playlist when it was last made before today."""
        before = self.served[
            (self.served["playlist"] == playlist) & (self.served["served_on"] < self.today.isoformat())
        ]
        return set(before.loc[before["served_on"] == before["served_on"].max(), "track_id"])


def read_history(store: FeatureStore, listener_id: str, now: datetime) -> History:
    """Read what `listener_id` was served, as far as it is kept."""
    served = store.read(SERVED, where={"listener_id": listener_id})
    return History(served[served["expires_at"] > now], now.astimezone(timezone.utc).date())


def remember(store: FeatureStore, listener_id: str, playlist: str, track_ids: Sequence[str], now: datetime) -> None:
    """Keep what is on a playlist today, in place of what a run earlier today put there."""
    today = now.astimezone(timezone.utc).date().isoformat()
    key = {"listener_id": listener_id, "playlist": playlist, "served_on": today}
    rows = pd.DataFrame({"track_id": list(track_ids)}).assign(**key, expires_at=now + TIME_TO_LIVE)
    store.replace(SERVED, rows, key)
