"""One listener after the other, as far as the day's calls and Spotify's patience go."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from segue.console import note
from segue.errors import (
    CallBudgetError,
    OwnerNotPremiumError,
    QuotaExceededError,
    RateLimitedError,
    SpotifyError,
)
from segue.spotify.budget import Budget
from segue.spotify.listeners import name_of

ENDS_RUN = (QuotaExceededError, RateLimitedError, OwnerNotPremiumError, CallBudgetError)
"""What concerns the app and not one listener: every further call would meet it, too, and may make it worse."""


class Turns:
    """The listeners to serve in this run, each with their calls set aside; iterate once.

    Parameters
    ----------
    budget : Budget
    listeners : DataFrame
        Rows of the group `listeners`.
    cost : callable
        Returns how many calls a listener takes in this run.
    later : callable, optional
        Returns how many they take in the rest of the night. Who does not get all of it today is not begun with, since
        what one command did for them would be in vain.

    Attributes
    ----------
    deferred : list of str
        Names of those who must wait for another day, as far as it is known; all of them when the iteration has ended.
    stopped : str or None
        What ended the run before its time.

    Examples
    --------
    ::

        for listener in turns:
            try:
                serve(listener)
            except ENDS_RUN as error:
                turns.stop(error)
    """

    def __init__(
        self,
        budget: Budget,
        listeners: pd.DataFrame,
        cost: Callable[[pd.Series], int],
        later: Callable[[pd.Series], int] = lambda _: 0,
    ) -> None:
        self.budget = budget
        self.deferred: list[str] = []
        self.stopped: str | None = None
        self._cost = cost
        self._planned, self._waiting = budget.plan(listeners, lambda listener: cost(listener) + later(listener))

    def __len__(self) -> int:
        return len(self._planned)

    def __iter__(self) -> Iterator[pd.Series]:
        for _, listener in self._planned.iterrows():
            if self._begin(listener):
                try:
                    yield listener
                finally:
                    self.budget.settle()
            if self.stopped is not None:
                self.deferred.append(name_of(listener))
        self.deferred += [name_of(listener) for _, listener in self._waiting.iterrows()]

    def stop(self, error: SpotifyError) -> None:
        """End the run: the present listener and all further ones are deferred, for as long as Spotify says."""
        self.stopped = str(error)
        if isinstance(error, QuotaExceededError | RateLimitedError) and error.wait is not None:
            self.budget.shut(error.wait)

    def report(self) -> dict[str, Any]:
        """Return what came of it, for the report of a run.

        Returns
        -------
        dict
            ``calls`` (of the Web API, made in this run), ``calls_left`` (for all runs until midnight, UTC) and
            ``token_requests`` (to the accounts service): numbers; ``deferred``: names; ``stopped``: why, or None.
        """
        return {
            "calls": self.budget.calls.total(),
            "calls_left": self.budget.left(),
            "token_requests": self.budget.token_requests,
            "deferred": self.deferred,
            "stopped": self.stopped,
        }

    def _begin(self, listener: pd.Series) -> bool:
        """Set a listener's calls aside; another run may have spent them since the plan was made."""
        if self.stopped is not None:
            return False
        calls = self._cost(listener)
        if calls == 0:
            return True
        try:
            self.budget.reserve(str(listener["listener_id"]), calls)
        except (CallBudgetError, QuotaExceededError) as error:
            self.stopped = str(error)
        return self.stopped is None


def note_turns(report: Mapping[str, Any]) -> None:
    """Tell a person what `Turns.report` says."""
    if report["calls"]:
        note(f"{report['calls']:,} calls of Spotify, {report['calls_left']:,} left today")
    if report["deferred"]:
        why = "" if report["stopped"] else ", since today's calls are not enough (SEGUE_DAILY_CALLS)"
        note(f"deferred to a later run{why}: {', '.join(report['deferred'])}")
    if report["stopped"]:
        note(f"stopped: {report['stopped']}")
