"""Playlists are kept as listeners leave them: published in the real sandbox by the real client, without a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from publishing import USERS, Nights

from inference_pipeline.dead_tracks import TIME_TO_LIVE, purge_unavailable
from inference_pipeline.kept import bring_back, bring_back_for, removed_playlists
from segue.errors import InputError
from segue.groups import FEEDBACK, LISTENERS, SERVED, SPOTIFY_CALLS, UNAVAILABLE
from segue.sandbox.faults import Dropped, Empty, NotRegistered, QuotaExceeded, Slow, Unavailable
from segue.sandbox.server import Sandbox
from segue.sandbox.service import Service
from segue.sandbox.state import Entry, Memory, Playlist
from segue.spotify.budget import Budget
from segue.store import FeatureStore

pytest_plugins = ("sandbox_fixture",)

JUNIPER = "sandbox-juniper"
WRITES = "PUT /v1/playlists/*/items"


@pytest.fixture
def nights(store: FeatureStore, connected: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Nights:
    """Return nights over Juniper alone, in which nobody really waits."""
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=lambda _: None))
    listeners = store.read(LISTENERS)["listener_id"]
    store.delete(LISTENERS, {"listener_id": listeners[listeners != JUNIPER].tolist()})
    connected.service.requests.clear()
    return Nights(store, connected)


def playlist_id(nights: Nights, name: str = "familiar") -> str:
    """Return Spotify's id of a playlist of Juniper's."""
    return nights.kept(JUNIPER)[name]["id"]


def calls(nights: Nights) -> list[str]:
    """Return what was asked for Juniper since the last time, as operations."""
    service = nights.sandbox.service
    made = [str(call.operation) for call in service.calls_of("juniper")]
    service.requests.clear()
    return made


def assert_right(nights: Nights, *names: str) -> None:
    """Check that Juniper's playlists hold tonight's tracks, stored as recommended, and that there is none beside."""
    service = nights.sandbox.service
    kept = nights.kept(JUNIPER)
    assert set(service.playlists_of("juniper")) == {playlist["id"] for playlist in kept.values()}
    gone = frozenset(nights.store.read(UNAVAILABLE)["track_id"])
    for name in names or nights.names:
        held = service.track_ids(kept[name]["id"])
        assert held == nights.wanted(JUNIPER, name, gone)
        assert held == nights.recommended(JUNIPER, name)


def verdicts(nights: Nights) -> dict[str, str]:
    """Return what Juniper said of tracks."""
    return dict(nights.store.read(FEEDBACK)[["track_id", "verdict"]].itertuples(index=False, name=None))


@contextmanager
def by_hand(service: Service, playlist: str) -> Iterator[Playlist]:
    """Give out a playlist to be changed as in Spotify's own app."""
    with service.state.changing() as memory:
        yield memory.playlists[playlist]
        memory.playlists[playlist].changes += 1


# What it costs


def test_a_first_night_creates_and_fills(nights: Nights) -> None:
    """Two calls for each playlist and the list; what is left describes one, and the next night the other."""
    nights.pass_by()
    assert Counter(calls(nights)) == {
        "GET /me/playlists": 1,
        "POST /me/playlists": 2,
        "PUT /playlists/{playlist_id}/items": 2,
        "PUT /playlists/{playlist_id}": 1,
    }
    assert_right(nights)
    nights.pass_by()
    for playlist in nights.sandbox.service.playlists_of("juniper").values():
        assert playlist.description == "Songs & more. Night 2."


def test_a_usual_night_takes_a_call_and_two_for_each_playlist(nights: Nights) -> None:
    """The list, and a write and a description for each."""
    nights.pass_by()
    calls(nights)
    nights.pass_by()
    assert len(calls(nights)) == 1 + 2 * len(nights.names)
    assert_right(nights)


def test_where_nothing_changed_nothing_is_written(nights: Nights) -> None:
    """A second run on the same day only looks."""
    nights.pass_by()
    nights.refresh()
    calls(nights)
    nights.refresh()
    assert calls(nights) == ["GET /me/playlists"]
    assert_right(nights)


def test_what_is_not_on_the_first_page_is_looked_up_in_the_library(nights: Nights) -> None:
    """One call more for all of them; and since nobody knows whether it was changed, it is read back."""
    nights.pass_by()
    nights.pass_by()
    calls(nights)
    bury(nights)
    nights.pass_by()
    made = Counter(calls(nights))
    assert made["GET /me/library/contains"] == 1
    assert made["GET /playlists/{playlist_id}/items"] == 2
    assert made.total() <= 2 + 2 * len(nights.names)
    kept = {playlist["id"] for playlist in nights.kept(JUNIPER).values()}
    for each in kept:
        assert nights.sandbox.service.track_ids(each) in [nights.recommended(JUNIPER, name) for name in nights.names]
    assert not verdicts(nights)


def test_nobody_reads_a_marker_for_ever(nights: Nights) -> None:
    """What left the first page before it was described takes a call beyond the usual ones, once."""
    nights.pass_by()
    ours = nights.sandbox.service.playlists_of("juniper")
    assert any("[" in each.description for each in ours.values())
    bury(nights)
    nights.pass_by()
    playlists = nights.sandbox.service.state.read().playlists
    assert not any("[" in playlists[each].description for each in ours)
    calls(nights)
    nights.pass_by()
    assert len(calls(nights)) <= 2 + 2 * len(nights.names)


def test_a_playlist_whose_creation_was_interrupted_is_found_among_many(nights: Nights) -> None:
    """Also where the first page shows fewer than it could, since one of them does not exist any more."""
    nights.names = ["familiar"]
    nights.sandbox.service.faults.add(
        Dropped(calls="POST /v1/me/playlists", after_effect=True),
        *(Unavailable(calls="GET /v1/me/playlists", nth=nth) for nth in range(2, 6)),
    )
    nights.pass_by()
    assert nights.errors
    nights.sandbox.service.faults.clear()
    (made,) = nights.sandbox.service.playlists_of("juniper")
    bury(nights)
    with nights.sandbox.service.state.changing() as memory:
        del memory.playlists[f"{7:022}"]
    nights.pass_by()
    assert playlist_id(nights) == made
    assert sum(each.name != "Mine" for each in nights.sandbox.service.playlists_of("juniper").values()) == 1


def bury(nights: Nights) -> None:
    """Let Juniper make as many playlists as a page holds."""
    with nights.sandbox.service.state.changing() as memory:
        for number in range(50):
            another = f"{number:022}"
            memory.playlists[another] = Playlist(owner="juniper", name="Mine", description="", public=False)
            memory.libraries["juniper"][f"spotify:playlist:{another}"] = datetime.now(timezone.utc)


@pytest.mark.parametrize("edited", [1, 2])
def test_a_night_after_edits_takes_no_more(nights: Nights, edited: int) -> None:
    """A look takes the place of the description, which follows a night later where there is no call to spare."""
    nights.pass_by()
    nights.pass_by()
    for name in nights.names[:edited]:
        nights.sandbox.service.remove_track(playlist_id(nights, name), nights.recommended(JUNIPER, name)[0])
    calls(nights)
    nights.pass_by()
    made = calls(nights)
    assert made.count("GET /playlists/{playlist_id}/items") == edited
    assert len(made) <= 2 + 2 * len(nights.names)
    assert_right(nights)
    nights.pass_by()
    assert {each.description for each in nights.sandbox.service.playlists_of("juniper").values()} == {
        "Songs & more. Night 4."
    }


# What listeners say with their hands


def test_what_is_deleted_is_disliked(nights: Nights) -> None:
    """Only that, and it was said today."""
    nights.pass_by()
    first, second, *_ = nights.recommended(JUNIPER, "discover")
    nights.sandbox.service.remove_track(playlist_id(nights, "discover"), first)
    nights.sandbox.service.remove_track(playlist_id(nights, "discover"), second)
    nights.pass_by()
    assert verdicts(nights) == {first: "dislike", second: "dislike"}
    assert_right(nights)


def test_what_they_put_there_is_replaced_and_no_dislike(nights: Nights) -> None:
    """Nor is anything else; also where it makes the playlist longer than a page."""
    nights.pass_by()
    mine = nights.wanted(JUNIPER, "another")[0]
    for name in nights.names:
        with by_hand(nights.sandbox.service, playlist_id(nights, name)) as playlist:
            playlist.entries.append(Entry(track_id=mine, added_at=datetime.now(timezone.utc)))
    calls(nights)
    nights.pass_by()
    assert len(calls(nights)) <= 2 + 2 * len(nights.names)
    assert not verdicts(nights)
    assert_right(nights)


@pytest.mark.parametrize("left", [0, 1, 24])
def test_a_playlist_that_was_thrown_out_says_nothing_of_its_tracks(nights: Nights, left: int) -> None:
    """Where more than half of it is gone it is filled again, and that is all."""
    nights.pass_by()
    with by_hand(nights.sandbox.service, playlist_id(nights)) as playlist:
        playlist.entries = playlist.entries[:left]
    nights.pass_by()
    assert not verdicts(nights)
    assert_right(nights)


def test_what_spotify_took_away_is_no_dislike(nights: Nights) -> None:
    """Nor can it be told what else is missing."""
    nights.pass_by()
    first, second, *_ = nights.recommended(JUNIPER, "familiar")
    nights.sandbox.service.end_track(first)
    nights.sandbox.service.remove_track(playlist_id(nights), second)
    nights.pass_by()
    assert not verdicts(nights)


def test_a_write_that_was_cut_off_is_no_dislike(nights: Nights) -> None:
    """Half of the tracks are missing because it was our write that did not come through."""
    nights.length = 150
    nights.pass_by()
    nights.sandbox.service.faults.add(Unavailable(calls="POST /v1/playlists/*/items"))
    nights.pass_by()
    assert len(nights.errors) == len(nights.names)
    nights.sandbox.service.faults.clear()
    nights.pass_by()
    assert not verdicts(nights)
    assert_right(nights)


def pass_by_unconfirmed(nights: Nights) -> None:
    """Let a night pass in which each write takes effect, but no answer comes and nothing can be read back."""
    nights.sandbox.service.faults.add(
        Unavailable(calls=WRITES, after_effect=True), Unavailable(calls="GET /v1/playlists/*/items")
    )
    nights.pass_by()
    nights.sandbox.service.faults.clear()


def test_nor_is_it_one_a_night_later(nights: Nights) -> None:
    """What an unconfirmed write left is what counts from then on, also where the next night ended too early."""
    nights.pass_by()
    pass_by_unconfirmed(nights)
    nights.sandbox.service.faults.add(QuotaExceeded(calls=WRITES))
    assert nights.pass_by().stopped is not None
    nights.sandbox.service.faults.clear()
    deleted = nights.sandbox.service.track_ids(playlist_id(nights, "discover"))[0]
    nights.sandbox.service.remove_track(playlist_id(nights, "discover"), deleted)
    nights.pass_by()
    assert verdicts(nights) == {deleted: "dislike"}
    assert_right(nights)


def test_nor_where_the_playlist_was_removed_meanwhile(nights: Nights) -> None:
    """It was written without an answer, removed, and put back by hand: nobody has deleted anything from it."""
    nights.pass_by()
    pass_by_unconfirmed(nights)
    nights.sandbox.service.unfollow("juniper", playlist_id(nights))
    nights.pass_by()
    with nights.sandbox.service.state.changing() as memory:
        follow(memory, playlist_id(nights))
    nights.pass_by()
    assert not verdicts(nights)
    assert_right(nights)


def test_a_new_name_is_ours_again(nights: Nights) -> None:
    """Name and description are Segue's, and compared as Spotify escapes them."""
    nights.pass_by()
    nights.sandbox.service.rename(playlist_id(nights), "Mine")
    nights.pass_by()
    assert nights.sandbox.service.state.read().playlists[playlist_id(nights)].name == "Segue Familiar"


# Removed playlists


def test_a_removed_playlist_is_left_alone(nights: Nights) -> None:
    """It is neither written nor made again, however many nights pass; nor is it asked for every night."""
    nights.pass_by()
    gone, held = playlist_id(nights), nights.recommended(JUNIPER, "familiar")
    nights.sandbox.service.unfollow("juniper", gone)
    nights.pass_by()
    calls(nights)
    nights.pass_by()
    assert len(calls(nights)) == 3
    assert removed_playlists(nights.store, JUNIPER) == ["familiar"]
    assert nights.sandbox.service.track_ids(gone) == held
    assert_right(nights, "discover")


def test_a_removed_playlist_can_be_brought_back(nights: Nights) -> None:
    """It is the same one, in the library again, with tonight's tracks."""
    nights.pass_by()
    gone = playlist_id(nights)
    nights.sandbox.service.unfollow("juniper", gone)
    nights.pass_by()
    bring_back_for(nights.store, nights.settings, "familiar", None)
    nights.pass_by()
    assert f"spotify:playlist:{gone}" in nights.sandbox.service.library_of("juniper")
    assert playlist_id(nights) == gone
    assert removed_playlists(nights.store, JUNIPER) == []
    assert_right(nights)


def test_what_spotify_has_lost_is_made_anew(nights: Nights) -> None:
    """Where it is in the library but Spotify does not know it: it is said, and the next run makes another one."""
    nights.pass_by()
    gone = playlist_id(nights)
    with nights.sandbox.service.state.changing() as memory:
        del memory.playlists[gone]
    nights.sandbox.service.unfollow("juniper", gone)
    nights.pass_by()
    bring_back(nights.store, JUNIPER, "familiar")
    nights.pass_by()
    (error,) = nights.errors
    assert "Spotify does not have it (any more)" in error
    nights.pass_by()
    assert playlist_id(nights) != gone
    assert_right(nights)


def test_what_is_lost_but_still_in_the_library_is_made_anew(nights: Nights) -> None:
    """Where only the look at what it holds finds that out: it does not fail every night."""
    nights.pass_by()
    gone = playlist_id(nights)
    with nights.sandbox.service.state.changing() as memory:
        del memory.playlists[gone]
    nights.pass_by()
    nights.pass_by()
    assert playlist_id(nights) != gone
    assert_right(nights)


def test_a_moment_of_not_found_loses_no_playlist(nights: Nights) -> None:
    """One that Spotify lists is there: it stays the same, and the next night writes it."""
    nights.pass_by()
    ours, service = playlist_id(nights), nights.sandbox.service
    hidden: list[Playlist] = []

    class Flickering(Budget):
        """A budget during whose second call, the write, the playlist is not there."""

        def count(self) -> None:
            """Count a call."""
            super().count()
            with service.state.changing() as memory:
                if self.calls.total() == 2:
                    hidden.append(memory.playlists.pop(ours))
                elif hidden:
                    memory.playlists[ours] = hidden.pop()

    nights.make_budget = Flickering
    nights.pass_by()
    (error,) = nights.errors
    assert "Spotify does not have it (any more)" in error
    nights.make_budget = Budget
    nights.pass_by()
    assert playlist_id(nights) == ours
    assert_right(nights)


def test_who_puts_it_back_themselves_has_it_again(nights: Nights) -> None:
    """Spotify's own app is as good as ours."""
    nights.pass_by()
    gone = playlist_id(nights)
    nights.sandbox.service.unfollow("juniper", gone)
    nights.pass_by()
    with nights.sandbox.service.state.changing() as memory:
        follow(memory, gone)
    nights.pass_by()
    assert_right(nights)


def follow(memory: Memory, playlist: str) -> None:
    """Put a playlist into Juniper's library."""
    memory.libraries["juniper"][f"spotify:playlist:{playlist}"] = datetime.now(timezone.utc)


def test_what_is_not_removed_cannot_be_brought_back(nights: Nights) -> None:
    """One clear line."""
    nights.pass_by()
    with pytest.raises(InputError, match="'familiar' has not been removed"):
        bring_back(nights.store, JUNIPER, "familiar")
    with pytest.raises(InputError, match="'calm' has been removed by nobody"):
        bring_back_for(nights.store, nights.settings, "calm", None)


# Trouble


@pytest.mark.parametrize("place", [0, 24, 49])
def test_a_dead_track_is_found_and_replaced(nights: Nights, place: int) -> None:
    """By the next best one; it is remembered for a month, and the playlist is right tonight."""
    nights.pass_by()
    nights.begin_day()
    dead = nights.wanted(JUNIPER, "familiar")[place]
    nights.sandbox.service.end_track(dead)
    nights.refresh()
    assert not nights.errors
    (row,) = nights.store.read(UNAVAILABLE).to_dict("records")
    assert row["track_id"] == dead
    assert row["expires_at"] - row["found_at"] == TIME_TO_LIVE
    assert_right(nights)
    purge_unavailable(nights.store, row["expires_at"])
    assert nights.store.read(UNAVAILABLE).empty


def test_without_calls_to_find_a_dead_track_the_old_list_stays(nights: Nights) -> None:
    """It is said, and the next day goes on."""
    nights.pass_by()
    held = nights.sandbox.service.track_ids(playlist_id(nights))
    nights.begin_day()
    nights.sandbox.service.end_track(nights.wanted(JUNIPER, "familiar")[3])
    nights.daily_calls = 16
    nights.refresh()
    (error,) = nights.errors
    assert "today's calls are not enough to find out which" in error
    assert nights.sandbox.service.track_ids(playlist_id(nights)) == held == nights.recommended(JUNIPER, "familiar")
    assert_right(nights, "discover")
    nights.daily_calls, nights.errors = 450, []
    nights.refresh()
    assert not nights.errors
    assert_right(nights)


def test_with_calls_for_one_of_two_dead_tracks_the_old_list_comes_back(nights: Nights) -> None:
    """The first one is remembered, so that the next day needs fewer calls."""
    nights.pass_by()
    held = nights.sandbox.service.track_ids(playlist_id(nights))
    nights.begin_day()
    for place in (3, 30):
        nights.sandbox.service.end_track(nights.wanted(JUNIPER, "familiar")[place])
    nights.daily_calls = 25
    nights.refresh()
    (found,) = nights.store.read(UNAVAILABLE)["track_id"]
    there = nights.sandbox.service.track_ids(playlist_id(nights))
    assert there == [track_id for track_id in held if track_id != found]
    assert len(nights.sandbox.service.calls_of("juniper")) <= 6 + nights.daily_calls
    nights.begin_day()
    nights.daily_calls = 450
    nights.refresh()
    assert not verdicts(nights)
    assert_right(nights)


def test_a_replacement_like_the_last_list_is_written(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the search for a dead track left on the playlist is not taken for what was there before it."""
    nights.pass_by()
    held, dead = nights.recommended(JUNIPER, "familiar"), nights.wanted(JUNIPER, "another")[-1]
    nights.begin_day()
    nights.sandbox.service.end_track(dead)
    monkeypatch.setattr(nights, "names", ["familiar"])
    monkeypatch.setattr(nights, "wanted", lambda *asked: held if dead in asked[2] else [*held[:-1], dead])
    nights.refresh()
    assert not nights.errors
    assert nights.sandbox.service.track_ids(playlist_id(nights)) == held == nights.recommended(JUNIPER, "familiar")


def test_whatever_ends_the_search_the_old_list_comes_back(nights: Nights) -> None:
    """A refusal amid the halves, for example, of whom the app's owner has just struck off the app's users."""
    nights.pass_by()
    held = nights.sandbox.service.track_ids(playlist_id(nights))
    nights.begin_day()
    nights.sandbox.service.end_track(nights.wanted(JUNIPER, "familiar")[40])
    nights.sandbox.service.faults.add(NotRegistered(calls=WRITES, nth=6))
    nights.refresh()
    (error,) = nights.errors
    assert "does not know this listener" in error
    assert nights.sandbox.service.track_ids(playlist_id(nights)) == held == nights.recommended(JUNIPER, "familiar")


class Contested(Budget):
    """A budget of which another run sets aside all that is free, amid the search for a dead track."""

    def count(self) -> None:
        """Count a call; of the tenth, the other run's come first."""
        if self.calls.total() == 9:
            other = Budget(self._store, self._settings)
            other.reserve("another", other.left())
        super().count()


def test_another_run_cannot_spend_what_a_search_takes(nights: Nights) -> None:
    """Its calls are set aside before it begins, and those for the other playlists stay."""
    nights.pass_by()
    nights.begin_day()
    nights.sandbox.service.end_track(nights.wanted(JUNIPER, "familiar")[40])
    nights.make_budget = Contested
    assert nights.refresh().stopped is None
    assert not nights.errors
    assert_right(nights)


def test_a_track_is_not_blamed_for_a_moment_of_trouble(nights: Nights) -> None:
    """The last suspect has a second chance."""
    nights.pass_by()
    # Two writes of the list and the last of the search, in which every half before was fine.
    nights.sandbox.service.faults.add(*(Unavailable(calls=WRITES, nth=nth) for nth in (1, 2, 10)))
    nights.pass_by()
    assert len(nights.sandbox.service.faults.applied) == 3
    assert nights.store.read(UNAVAILABLE).empty
    assert not nights.errors
    assert_right(nights)


def test_trouble_at_spotify_is_not_taken_for_dead_tracks(nights: Nights) -> None:
    """Where no write comes through, no track is blamed."""
    nights.pass_by()
    nights.sandbox.service.faults.add(Unavailable(calls=WRITES, status=502))
    nights.pass_by()
    assert len(nights.errors) == len(nights.names)
    assert nights.store.read(UNAVAILABLE).empty
    assert not nights.store.read(SERVED)["published"].all()
    nights.sandbox.service.faults.clear()
    nights.pass_by()
    assert not verdicts(nights)
    assert_right(nights)


@pytest.mark.parametrize(
    "fault",
    [
        Unavailable(nth=1),
        Unavailable(nth=1, after_effect=True),
        Dropped(nth=1),
        Dropped(nth=1, after_effect=True),
        Empty(nth=1),
        Slow(nth=1, seconds=0.01),
    ],
    ids=lambda fault: f"{fault.fault}{' after effect' * getattr(fault, 'after_effect', False)}",
)
@pytest.mark.parametrize(
    "calls", ["POST /v1/me/playlists", WRITES, "POST /v1/playlists/*/items", "PUT /v1/playlists/*"]
)
def test_a_write_that_goes_wrong_once(nights: Nights, fault: Unavailable, calls: str) -> None:
    """Whichever it is and whether it happened or not: two nights later all is right, nothing twice."""
    nights.length = 120 if calls.startswith("POST /v1/playlists") else 50
    nights.sandbox.service.faults.add(fault.model_copy(update={"calls": calls}))
    nights.pass_by()
    assert nights.sandbox.service.faults.applied
    nights.pass_by()
    assert not verdicts(nights)
    assert_right(nights)
    assert set(nights.sandbox.service.library_of("juniper", "playlist")) == {
        f"spotify:playlist:{playlist['id']}" for playlist in nights.kept(JUNIPER).values()
    }


def test_a_used_up_quota_ends_the_run(store: FeatureStore, connected: Sandbox) -> None:
    """At once: nobody else is called; what was done stays, and those who wait are named."""
    everybody = Nights(store, connected)
    connected.service.requests.clear()
    connected.service.faults.add(QuotaExceeded(calls=WRITES, nth=3))
    turns = everybody.pass_by()
    assert turns.stopped is not None
    assert "used up" in turns.stopped
    assert len(turns.deferred) == len(USERS) - 1
    assert sum(len(connected.service.calls_of(user_id)) > 0 for user_id in USERS.values()) == 2
    connected.service.faults.clear()
    # As if the time were over for which Spotify shut the app out.
    rows = store.read(SPOTIFY_CALLS)
    store.upsert(SPOTIFY_CALLS, rows.assign(shut_until=rows["shut_until"] - timedelta(days=2)))
    everybody.refresh()
    for account, user_id in USERS.items():
        kept = everybody.kept(account)
        assert len(connected.service.playlists_of(user_id)) == len(everybody.names) == len(kept)


def test_who_waited_longest_comes_first(store: FeatureStore, connected: Sandbox) -> None:
    """A budget for half of them: two nights serve everybody, and no night goes beyond it."""
    everybody = Nights(store, connected, daily_calls=6 * (len(USERS) + 1) // 2)
    first = everybody.pass_by()
    assert len(first.deferred) == len(USERS) // 2
    assert int(store.read(SPOTIFY_CALLS)["calls"].sum()) <= everybody.daily_calls
    everybody.pass_by()
    assert all(len(everybody.kept(account)) == len(everybody.names) for account in USERS)
