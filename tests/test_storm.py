"""A storm: many refreshes with all that can go wrong, and every playlist holds what it should in the end.

`pytest tests/test_storm.py --refreshes 1000` makes it a long one; `-s` shows what came of it.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timezone
from types import SimpleNamespace

import pytest
from publishing import USERS, Nights

from inference_pipeline.kept import bring_back, removed_playlists
from segue.groups import FEEDBACK, LISTENERS, UNAVAILABLE
from segue.sandbox.faults import (
    AccessExpired,
    Dropped,
    Empty,
    ErrorPage,
    QuotaExceeded,
    RateLimited,
    RotatedToken,
    Slow,
    Unavailable,
)
from segue.sandbox.plan import Plan
from segue.sandbox.server import Sandbox
from segue.sandbox.state import Entry
from segue.spotify.budget import Budget
from segue.store import FeatureStore

pytest_plugins = ("sandbox_fixture",)

SEED = 7
LISTENERS_KEPT = 3
DAILY_CALLS = 45
"""Enough for a calm night; after a wild one somebody has to wait."""

STORM = Plan(
    seed=SEED,
    rules=[
        RateLimited(probability=0.03, retry_after=2),
        Unavailable(probability=0.02, status=502),
        Unavailable(probability=0.02, after_effect=True),
        ErrorPage(probability=0.01, after_effect=True),
        Dropped(probability=0.02),
        Dropped(probability=0.02, after_effect=True),
        Slow(probability=0.01, seconds=0.02),
        Empty(calls="PUT /v1/**", probability=0.02),
        AccessExpired(probability=0.02),
        QuotaExceeded(probability=0.002),
        RotatedToken(probability=0.5),
        ErrorPage(calls="POST /api/token", probability=0.02, status=503),
    ],
)


class Killed(BaseException):
    """The program was killed: nothing of ours may catch it."""


class MortalBudget(Budget):
    """A budget whose program is killed just before some of its calls."""

    chance = random.Random(SEED)

    def count(self) -> None:
        """Count a call, unless that was the end."""
        if self.chance.random() < 0.01:
            raise Killed
        super().count()


class Listeners:
    """What people do to their playlists between two nights."""

    def __init__(self, nights: Nights) -> None:
        self._nights = nights
        self._chance = random.Random(SEED)
        self.deleted: set[tuple[str, str]] = set()
        self.acts: Counter[str] = Counter()

    def act(self) -> None:
        """Let something happen to each playlist, or nothing."""
        for listener_id in self._nights.store.read(LISTENERS)["listener_id"]:
            for name, kept in self._nights.kept(listener_id).items():
                acts = [self.delete, self.add, self.rename, self.remove, self.bring_back, self.end]
                (act,) = self._chance.choices([None, *acts], [50, 14, 10, 6, 8, 20, 8])
                if act is not None and "id" in kept:
                    act(listener_id, name, kept["id"])

    def delete(self, listener_id: str, _name: str, playlist_id: str) -> None:
        """Delete a track from a playlist."""
        service = self._nights.sandbox.service
        if there := service.track_ids(playlist_id):
            track_id = self._chance.choice(there)
            service.remove_track(playlist_id, track_id)
            self.deleted.add((listener_id, track_id))
            self.acts["deleted a track"] += 1

    def add(self, listener_id: str, name: str, playlist_id: str) -> None:
        """Put a track at the end of a playlist."""
        track_id = self._nights.wanted(listener_id, f"{name}, theirs")[0]
        with self._nights.sandbox.service.state.changing() as memory:
            playlist = memory.playlists[playlist_id]
            playlist.entries.append(Entry(track_id=track_id, added_at=datetime.now(timezone.utc)))
            playlist.changes += 1
        # It may be one of ours a second time: then it goes as a whole when they delete it.
        self.acts["added a track"] += 1

    def rename(self, _listener_id: str, _name: str, playlist_id: str) -> None:
        """Call a playlist something else."""
        self._nights.sandbox.service.rename(playlist_id, "Mine")
        self.acts["renamed a playlist"] += 1

    def remove(self, listener_id: str, _name: str, playlist_id: str) -> None:
        """Remove a playlist."""
        service, user_id = self._nights.sandbox.service, USERS[listener_id]
        if f"spotify:playlist:{playlist_id}" in service.library_of(user_id, "playlist"):
            service.unfollow(user_id, playlist_id)
            self.acts["removed a playlist"] += 1

    def bring_back(self, listener_id: str, name: str, _playlist_id: str) -> None:
        """Want a removed playlist again."""
        if name in removed_playlists(self._nights.store, listener_id):
            bring_back(self._nights.store, listener_id, name)
            self.acts["brought a playlist back"] += 1

    def end(self, listener_id: str, name: str, _playlist_id: str) -> None:
        """Let a track be gone from Spotify that is about to be written."""
        self._nights.night += 1
        coming = self._nights.wanted(listener_id, name)
        self._nights.night -= 1
        self._nights.sandbox.service.end_track(self._chance.choice(coming))
        self.acts["a track was gone"] += 1


@pytest.fixture
def nights(store: FeatureStore, connected: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Nights:
    """Return nights over three listeners, in which nobody really waits."""
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=lambda _: None))
    store.delete(LISTENERS, {"listener_id": store.read(LISTENERS)["listener_id"][LISTENERS_KEPT:].tolist()})
    return Nights(store, connected, daily_calls=DAILY_CALLS, make_budget=MortalBudget)


def test_after_a_storm_every_playlist_holds_what_it_should(nights: Nights, pytestconfig: pytest.Config) -> None:
    """None twice, none lost, no dislike that nobody meant, and no call beyond the budget of a day."""
    refreshes = pytestconfig.getoption("--refreshes")
    service = nights.sandbox.service
    service.faults.follow(STORM)
    listeners, most_calls, kills = Listeners(nights), 0, 0
    while nights.night * LISTENERS_KEPT * len(nights.names) < refreshes:
        service.requests.clear()
        try:
            nights.pass_by()
        except Killed:
            kills += 1
        calls = sum(len(service.calls_of(user_id)) for user_id in service.people)
        most_calls = max(most_calls, calls)
        assert calls <= DAILY_CALLS
        listeners.act()
    happened = Counter(rule.fault for rule, _ in service.faults.applied)
    service.faults.clear()
    stormy, nights.make_budget, nights.daily_calls, nights.errors = len(nights.errors), Budget, 450, []
    nights.pass_by()
    assert not nights.errors
    assert_all_is_right(nights)
    # What was left from the storm is repaired now, and no further track is gone: this is what a night costs.
    with service.state.changing() as memory:
        memory.gone.clear()
    service.requests.clear()
    nights.pass_by()
    assert_all_is_right(nights)
    for user_id in service.people:
        assert len(service.calls_of(user_id)) <= 2 + 2 * len(nights.names)
    said = nights.store.read(FEEDBACK)
    dislikes = set(
        said.loc[said["verdict"] == "dislike", ["listener_id", "track_id"]].itertuples(index=False, name=None)
    )
    print(f"\n{nights.night - 2} nights, {(nights.night - 2) * LISTENERS_KEPT * len(nights.names)} refreshes")
    print(f"faults: {dict(happened)}; programs killed: {kills}; refreshes that failed: {stormy}")
    print(f"listeners: {dict(listeners.acts)}; dislikes read: {len(dislikes)}")
    print(f"tracks found to be gone: {len(nights.store.read(UNAVAILABLE))}; most calls in a day: {most_calls}")
    assert dislikes <= listeners.deleted


def assert_all_is_right(nights: Nights) -> None:
    """Check each playlist in the sandbox against what is recommended, and that there is none beside."""
    service = nights.sandbox.service
    for listener_id in nights.store.read(LISTENERS)["listener_id"]:
        kept, user_id = nights.kept(listener_id), USERS[listener_id]
        assert set(kept) == set(nights.names)
        assert set(service.playlists_of(user_id)) == {playlist["id"] for playlist in kept.values()}
        for name, playlist in kept.items():
            there = f"spotify:playlist:{playlist['id']}" in service.library_of(user_id, "playlist")
            assert there == (name not in removed_playlists(nights.store, listener_id))
            if there:
                held = service.track_ids(playlist["id"])
                assert held == nights.recommended(listener_id, name)
                assert len(set(held)) == nights.length
                assert held == nights.wanted(listener_id, name, unavailable(nights))


def unavailable(nights: Nights) -> frozenset[str]:
    """Return the tracks that were found to be gone."""
    return frozenset(nights.store.read(UNAVAILABLE)["track_id"])
