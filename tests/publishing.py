"""Nights of publishing fixed lists, with the real client, over HTTP: what `segue playlists` does, without a model."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cached_property

import pandas as pd

from inference_pipeline.dead_tracks import unavailable_tracks
from inference_pipeline.keeping import Keeping
from inference_pipeline.publish import Listing, publish
from inference_pipeline.read_back import read_back
from segue.errors import SpotifyError
from segue.groups import LISTENERS, RECOMMENDATIONS, SERVED, SPOTIFY_CALLS, TRACKS
from segue.sandbox.people import PEOPLE
from segue.sandbox.server import Sandbox
from segue.settings import Settings
from segue.spotify.budget import CALLS_PER_PLAYLIST, PLAYLISTS_CALLS, Budget
from segue.spotify.listeners import connected_listeners
from segue.spotify.session import open_session
from segue.spotify.turns import ENDS_RUN, Turns
from segue.store import FeatureStore

USERS = {person.account_id: person.user_id for person in PEOPLE}


@dataclass
class Nights:
    """A store and a sandbox, and the nights that pass over them.

    Attributes
    ----------
    names : sequence of str
        The playlists that everybody keeps.
    length : int
        Tracks on each.
    make_budget : callable
        Makes the budget of a night.
    turns : Turns or None
        The last night's.
    errors : list of str
        What failed, over all nights.
    """

    store: FeatureStore
    sandbox: Sandbox
    names: Sequence[str] = ("familiar", "discover")
    length: int = 50
    daily_calls: int = 450
    make_budget: Callable[[FeatureStore, Settings], Budget] = Budget
    night: int = 0
    turns: Turns | None = None
    errors: list[str] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        """Those with which the sandbox is reached, and the day's budget."""
        return self.sandbox.settings.model_copy(update={"daily_calls": self.daily_calls})

    def pass_by(self) -> Turns:
        """Let the next day come, and its night: everybody's playlists are refreshed, as far as it goes."""
        self.begin_day()
        return self.refresh()

    def refresh(self) -> Turns:
        """Refresh everybody's playlists, once more on the same day."""
        budget = self.make_budget(self.store, self.settings)
        cost = PLAYLISTS_CALLS + CALLS_PER_PLAYLIST * len(self.names)
        self.turns = Turns(budget, connected_listeners(self.store, self.settings), lambda _: cost)
        for listener in self.turns:
            try:
                self._refresh_all(listener, budget)
            except ENDS_RUN as error:
                self.turns.stop(error)
            except SpotifyError as error:
                self.errors.append(str(error))
        return self.turns

    def begin_day(self) -> None:
        """Turn back the days of everything that was stored."""
        self.night += 1
        served, calls = self.store.read(SERVED), self.store.read(SPOTIFY_CALLS)
        # What is older is of no more use, and a storm has many nights.
        served = served[served["served_on"] > f"{datetime.now(timezone.utc) - timedelta(days=3):%Y-%m-%d}"]
        earlier = [f"{datetime.fromisoformat(day) - timedelta(days=1):%Y-%m-%d}" for day in served["served_on"]]
        self.store.replace(SERVED, served.assign(served_on=earlier))
        self.store.delete(SPOTIFY_CALLS, {"day": calls["day"].unique().tolist()})

    def wanted(self, listener_id: str, name: str, unavailable: frozenset[str] = frozenset()) -> list[str]:
        """Return what a playlist should hold tonight."""
        tracks = [*self._tracks]
        random.Random(f"{self.night} {listener_id} {name}").shuffle(tracks)
        return [track_id for track_id in tracks if track_id not in unavailable][: self.length]

    def kept(self, listener_id: str) -> dict[str, dict[str, str]]:
        """Return what is remembered of a listener's playlists."""
        (found,) = self.store.read(LISTENERS, ["playlists"], {"listener_id": listener_id})["playlists"]
        kept: dict[str, dict[str, str]] = json.loads(found)
        return kept

    def recommended(self, listener_id: str, name: str) -> list[str]:
        """Return what is stored as recommended."""
        rows = self.store.read(RECOMMENDATIONS, where={"listener_id": listener_id, "playlist": name})
        return rows.sort_values("rank")["track_id"].tolist()

    @cached_property
    def _tracks(self) -> list[str]:
        return list(self.store.read(TRACKS, ["track_id"])["track_id"])

    def _refresh_all(self, listener: pd.Series, budget: Budget) -> None:
        now = datetime.now(timezone.utc)
        listener_id = str(listener["listener_id"])
        client = open_session(self.store, self.settings, listener, budget)
        keeping = Keeping(self.store, client, budget, listener_id, list(self.names))
        keeping.look(now)
        read_back(keeping, now)
        for name in self.names:
            if keeping.is_removed(name) or name in keeping.failed:
                continue
            try:
                while not publish(keeping, self.settings, self._listing(listener_id, name), now):
                    pass
            except ENDS_RUN:
                raise
            except SpotifyError as error:
                self.errors.append(str(error))

    def _listing(self, listener_id: str, name: str) -> Listing:
        tracks = self.wanted(listener_id, name, unavailable_tracks(self.store, self.settings))
        frame = pd.DataFrame({"rank": range(1, len(tracks) + 1), "track_id": tracks, "score": 1.0, "reason": "Because"})
        return Listing(name, f"Segue {name.title()}", f"Songs & more. Night {self.night}.", frame, "fixed@1")
