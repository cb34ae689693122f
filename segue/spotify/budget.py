"""The calls that Segue allows itself: Spotify counts an app's calls by the day, and shuts it out after too many.

A night's work for one listener takes at most `LISTENS_CALLS` + `PLAYLISTS_CALLS` + `CALLS_PER_PLAYLIST` for each of
their playlists; docs/spotify.md has the arithmetic. Calls of the accounts service are none of the Web API.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from math import ceil
from uuid import uuid4

import pandas as pd

from segue.errors import CallBudgetError, QuotaExceededError
from segue.groups import SPOTIFY_CALLS
from segue.locks import alone
from segue.settings import Settings
from segue.spotify.failures import when
from segue.spotify.listeners import playlists_made
from segue.store import FeatureStore

LISTENS_CALLS = 4
"""Three lists of top tracks, one of recent plays."""

PLAYLISTS_CALLS = 2
"""The list of their playlists, and a look into the library where one of ours is not on its first page."""

CALLS_PER_PLAYLIST = 2
"""A write and a new description; or, where somebody has changed it, a look at it and a write."""

KEPT_DAYS = 7


class Budget:
    """What a run may still ask of the Web API, and what it has asked.

    The day's budget is shared by all runs of a service. Calls are set aside in the store before they are made, so that
    those of a run that was killed count, too: what is stored is never less than what was made.

    Parameters
    ----------
    store : FeatureStore
        Keeps what is spent, in the group `spotify_calls`.
    settings : Settings
        Its `daily_calls`; days are those of UTC.

    Attributes
    ----------
    calls : Counter
        Calls of the Web API that this run made, by listener's id.
    token_requests : int
        What it asked of the accounts service; Spotify does not count that.
    """

    def __init__(self, store: FeatureStore, settings: Settings) -> None:
        self.calls: Counter[str] = Counter()
        self.token_requests = 0
        self._store = store
        self._settings = settings
        self._run_id = uuid4().hex
        self._listener_id = ""
        self._day = utc_day()
        self._set_aside = 0
        self._made: Counter[str] = Counter()
        self._shut_until: datetime | None = None
        self._forget_old_days()

    def left(self) -> int:
        """Return how many calls today's budget still has."""
        spent = self._store.read(
            SPOTIFY_CALLS, ["calls"], {"day": utc_day(), "service": self._settings.spotify_service}
        )
        return max(self._settings.daily_calls - int(spent["calls"].sum()), 0)

    def plan(self, listeners: pd.DataFrame, cost: Callable[[pd.Series], int]) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the listeners for whom today's budget is enough, and those who must wait for another day.

        Parameters
        ----------
        listeners : DataFrame
            Rows of the group `listeners`.
        cost : callable
            Returns how many calls a listener takes.

        Returns
        -------
        tuple of DataFrame
            Both ordered by how long ago a playlist was made for them, those who never got one first.
        """
        made = playlists_made(self._store, listeners["listener_id"]).groupby("listener_id")["made_at"].max()
        ages = listeners["listener_id"].map(made).sort_values(na_position="first", kind="stable")
        ordered = listeners.loc[ages.index]
        left, fits = self.left(), []
        for _, listener in ordered.iterrows():
            calls = cost(listener)
            fits.append(calls <= left)
            left -= calls * fits[-1]
        chosen = pd.Series(fits, ordered.index, dtype=bool)
        return ordered[chosen], ordered[~chosen]

    def reserve(self, listener_id: str, calls: int) -> None:
        """Set calls aside for a listener; whatever was set aside for the one before and not made is free again.

        Raises
        ------
        CallBudgetError
            If today's budget has fewer; nothing is set aside then.
        QuotaExceededError
            If Spotify has shut the app out, in whatever run that was, and the time is not over.
        """
        self.settle()
        self._listener_id = listener_id
        self.reserve_more(calls)

    def reserve_more(self, calls: int) -> None:
        """Set further calls aside for the present listener.

        Raises
        ------
        CallBudgetError
            If today's budget has fewer; what was set aside before stays.
        QuotaExceededError
            As in `reserve`.
        """
        if self._day != utc_day():
            self.settle()
        self._check_open()
        with alone(self._settings, "calls"):
            day = utc_day()
            if calls > self.left():
                raise CallBudgetError(
                    f"today's budget of {self._settings.daily_calls:,} calls of Spotify is spent: "
                    "run this again tomorrow (UTC), or raise SEGUE_DAILY_CALLS"
                )
            self._day = day
            self._write(self._made[day] + self._set_aside + calls)
        self._set_aside += calls

    def count(self) -> None:
        """Note a call that is about to be made; one beyond what was set aside is taken from the day's budget.

        Raises
        ------
        CallBudgetError
            If that is spent: the call must not be made.
        """
        if not self._set_aside or self._day != utc_day():
            self.reserve(self._listener_id, 1)
        self._set_aside -= 1
        self._made[self._day] += 1
        self.calls[self._listener_id] += 1

    def shut(self, wait: int) -> None:
        """Remember that Spotify takes no calls for `wait` seconds: no run makes any before they are over."""
        self._shut_until = datetime.now(timezone.utc) + timedelta(seconds=wait)
        self._write(self._made[self._day])

    def _check_open(self) -> None:
        ends = self._store.read(SPOTIFY_CALLS, ["shut_until"], {"service": self._settings.spotify_service})
        left = (ends["shut_until"].max() - datetime.now(timezone.utc)).total_seconds()
        # Where nobody was ever shut out that is no number, and not above 0.
        if left > 0:
            wait = ceil(left)
            raise QuotaExceededError(f"Spotify takes no calls of this app for now: run this again {when(wait)}", wait)

    def settle(self) -> None:
        """Give back what was set aside and not made."""
        if self._set_aside:
            self._write(self._made[self._day])
            self._set_aside = 0

    def _write(self, calls: int) -> None:
        row = {
            "run_id": self._run_id,
            "day": self._day,
            "service": self._settings.spotify_service,
            "calls": calls,
            "shut_until": self._shut_until,
        }
        self._store.upsert(SPOTIFY_CALLS, pd.DataFrame([row]))

    def _forget_old_days(self) -> None:
        days = set(self._store.read(SPOTIFY_CALLS, ["day"])["day"])
        oldest = utc_day(KEPT_DAYS)
        if past := sorted(day for day in days if day < oldest):
            self._store.delete(SPOTIFY_CALLS, {"day": past})


def utc_day(ago: int = 0) -> str:
    """Return the day of `ago` days ago, as YYYY-MM-DD."""
    return f"{datetime.now(timezone.utc) - timedelta(days=ago):%Y-%m-%d}"
