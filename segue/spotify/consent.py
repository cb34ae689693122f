"""How long consent lasts: six months from the day it was given, however often the token is refreshed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pandas as pd

from segue.spotify.listeners import name_of

LIFETIME = pd.DateOffset(months=6)
"""Spotify's, counted from the original consent."""

WARNED = timedelta(days=30)
URGENT = timedelta(days=7)


@dataclass(frozen=True)
class ConsentWarning:
    """A listener who must log in again soon.

    Attributes
    ----------
    listener_id, listener : str
        Their id and display name (the id again, where they have none).
    ends_on : date
        The day, UTC, on which their consent ends.
    days : int
        Whole days until then; negative once it has ended.
    urgent : bool
        Whether no more than a week is left.
    message : str
        All of it for a person, in one line.
    """

    listener_id: str
    listener: str
    ends_on: date
    days: int
    urgent: bool
    message: str


def consent_ends(consented_at: datetime) -> datetime:
    """Return when a consent that was given at `consented_at` ends."""
    ends: datetime = pd.Timestamp(consented_at) + LIFETIME
    return ends


def consent_warnings(listeners: pd.DataFrame, now: datetime) -> list[ConsentWarning]:
    """Return a warning for each connected listener whose consent ends within 30 days, the nearest end first.

    Parameters
    ----------
    listeners : DataFrame
        Rows of the group `listeners`; those who must log in again already are left out.
    now : datetime
    """
    connected = listeners[listeners["status"] == "connected"]
    ending = [(consent_ends(listener["consented_at"]), listener) for _, listener in connected.iterrows()]
    return [
        _warning(listener, ends, ends - now)
        for ends, listener in sorted(ending, key=lambda item: item[0])
        if ends - now <= WARNED
    ]


def _warning(listener: pd.Series, ends: datetime, left: timedelta) -> ConsentWarning:
    name, days = name_of(listener), left.days
    soon = "ends today" if days == 0 else f"ends in {days} day{'s' if days > 1 else ''}"
    when = soon if days >= 0 else "has ended"
    message = f"{name}: consent {when} ({ends:%d %B %Y}); log in again with `segue login` or in the app"
    return ConsentWarning(str(listener["listener_id"]), name, ends.date(), days, left <= URGENT, message)
