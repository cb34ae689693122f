"""What was served before, and what that means for today."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import pandas as pd
from catalogs import track_id
from listening import NOW

from inference_pipeline.rotation import History, confirm, read_history, remember, settle
from segue.groups import SERVED
from segue.store import FeatureStore


def history(*rows: tuple[str, int, int], replaced: Collection[str] = ()) -> History:
    """Return a history: playlist, days ago, number of the track; and which playlists are yet to be made."""
    days = [(NOW - timedelta(days=ago)).date().isoformat() for _, ago, _ in rows]
    frame = pd.DataFrame(
        {
            "listener_id": "someone",
            "playlist": [name for name, _, _ in rows],
            "served_on": days,
            "track_id": [track_id(number) for _, _, number in rows],
            "published": True,
            "expires_at": NOW,
        }
    )
    return History(SERVED.cast(frame), NOW.date(), replaced)


def test_four_weeks_are_recent_on_whichever_playlist() -> None:
    """27 days ago is, 28 days ago is not any more."""
    served = history(("discover", 27, 1), ("calm", 1, 2), ("discover", 28, 3))
    assert served.recent() == {track_id(1), track_id(2)}


def test_of_today_all_counts_but_what_the_run_replaces() -> None:
    """So that it is on no other playlist, and a second run on the same day ends in the same lists."""
    rows = [("familiar", 0, 1), ("discover", 0, 2), ("calm", 0, 3)]
    assert history(*rows, replaced=["familiar", "discover"]).recent() == {track_id(3)}
    assert history(*rows, replaced=["discover"]).recent() == {track_id(1), track_id(3)}
    assert history(*rows, replaced=["familiar", "discover", "calm"]).recent() == set()


def test_the_last_playlist_is_the_last_one_before_today() -> None:
    """However long ago; another playlist's does not count."""
    served = history(("calm", 0, 1), ("calm", 3, 2), ("calm", 3, 3), ("calm", 9, 4), ("discover", 1, 5))
    assert served.last("calm") == {track_id(2), track_id(3)}
    assert served.last("familiar") == set()


def test_a_day_is_remembered_once(store: FeatureStore) -> None:
    """A later run replaces it; other days, playlists and listeners stay. It is gone after 30 days."""
    for playlist, number, at in [
        ("calm", 1, NOW - timedelta(days=1)),
        ("calm", 2, NOW),
        ("calm", 3, NOW),
        ("discover", 4, NOW),
    ]:
        remember(store, "someone", playlist, [track_id(number)], at)
    remember(store, "else", "calm", [track_id(5)], NOW)
    kept = read_history(store, "someone", (), NOW).served
    assert set(kept["track_id"]) == {track_id(1), track_id(3), track_id(4)}
    assert read_history(store, "someone", (), NOW + timedelta(days=30)).served.empty


def test_what_is_confirmed_needs_no_look_at_spotify(store: FeatureStore) -> None:
    """A run that ended well leaves nothing to find out."""
    remember(store, "someone", "calm", [track_id(1)], NOW)
    confirm(store, "someone", "calm", NOW)
    asked: list[None] = []
    assert not settle(store, read_history(store, "someone", (), NOW), "calm", lambda: asked.append(None) or [])
    assert asked == []


def test_what_was_never_confirmed_becomes_what_spotify_holds(store: FeatureStore) -> None:
    """Be it what was written down, or what was there before, or nothing; other playlists are not touched."""
    earlier = NOW - timedelta(days=1)
    for held in ([track_id(2)], [track_id(1)], []):
        remember(store, "someone", "calm", [track_id(1)], earlier)
        remember(store, "someone", "party", [track_id(7)], earlier)
        assert settle(store, read_history(store, "someone", (), NOW), "calm", lambda held=held: held)
        after = read_history(store, "someone", (), NOW)
        assert after.last("calm") == set(held)
        assert after.last("party") == {track_id(7)}
