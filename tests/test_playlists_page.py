"""The page of playlists over HTTP: what a visitor sees, what a listener sees and does, and what nobody else gets."""

from __future__ import annotations

import json
import re
import shutil
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from catalogs import made_up_tracks, track_id, train_small
from visiting import rows

from app.playlists.demo import is_demo
from app.playlists.kept_playlists import kept_playlists
from app.playlists.steering import wishes_of
from inference_pipeline.kept import Kept, read_kept, write_kept
from inference_pipeline.playlist_kinds import KINDS
from inference_pipeline.wishes import Wishes
from segue.groups import FEEDBACK, LISTENERS, LISTENS, RECOMMENDATIONS, TRACKS
from segue.registry import FolderRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from visiting import Visitor

    from segue.store import FeatureStore

pytest_plugins = ("app_fixture",)

NOW = datetime.now(timezone.utc)
SONG = "0" * 21 + "A"
HEARD = "0" * 21 + "B"
PARTS = ("for visitors", "for listeners", "steering", "demo", "nobody", "tabs", "opened", "tracks", "notices")


def add_listener(store: FeatureStore, name: str, service: str) -> None:
    """Store a listener with their name in all that is theirs: two tracks heard, one recommended, an artist blocked."""
    mine = {"listener_id": name.lower()}
    consent = {"service": service, "consented_at": NOW, "status": "connected", "scopes": "", "playlists": "{}"}
    wishes = Wishes(blocked_artists=frozenset({name})).model_dump_json(exclude_defaults=True)
    store.upsert(LISTENERS, rows(LISTENERS, {**mine, **consent, "display_name": name, "settings": wishes}))
    expiry = {"expires_at": NOW + timedelta(days=1)}
    heard = {"source": "short_term", "track_id": HEARD, "rank": 1, "title": f"{name} <b>", "artists": "Band;Guest"}
    unmatched = {"matched_by": "none", "fetched_at": NOW}
    matched = {"track_id": track_id(1), "rank": 2, "matched_by": "id", "matched_track_id": track_id(1)}
    store.upsert(
        LISTENS, rows(LISTENS, *({**mine, **heard, **unmatched, **expiry, **match} for match in ({}, matched)))
    )
    made = {"model": "audio@1", "made_at": NOW, "score": 0.5, "reason": f"Like Heard by Band: for {name}"}
    place = {"playlist": "discover", "rank": 1, "track_id": SONG}
    store.upsert(RECOMMENDATIONS, rows(RECOMMENDATIONS, {**mine, **place, **made, **expiry}))


@pytest.fixture
def store(app_store: FeatureStore) -> FeatureStore:
    """Return the app's store: this module has no other."""
    return app_store


@pytest.fixture(autouse=True)
def _catalog(store: FeatureStore) -> None:
    """Store a catalog: one track, and what a model needs."""
    store.upsert(TRACKS, made_up_tracks(30))
    song = {"track_id": SONG, "recording_id": SONG, "title": "Found", "year": 1999, "source": "data"}
    store.upsert(TRACKS, rows(TRACKS, {**song, "artists": "Band;Guest"}))


@pytest.fixture
def ada(store: FeatureStore, visitor: Visitor) -> Visitor:
    """Return a real listener who is logged in."""
    add_listener(store, "Ada", "spotify")
    visitor.log_in("ada")
    return visitor


@pytest.fixture
def _model(visitor: Visitor) -> Iterator[None]:
    """Register a model of the catalog for as long as a test runs."""
    models = visitor.settings.models_dir
    FolderRegistry(models).save("hybrid", train_small(made_up_tracks(30), "hybrid").save, {}, {})
    yield
    shutil.rmtree(models)


def told(parts: list[Any]) -> list[Any]:
    """Return what an answer puts onto the page."""
    return [part for part in parts if isinstance(part, str | list | int) and part]


def page_of(visitor: Visitor) -> dict[str, Any]:
    """Open the page, and return what its parts become."""
    return dict(zip(PARTS, visitor.see("open_playlists"), strict=False))


def test_before_the_first_playlist_the_page_says_what_to_run(visitor: Visitor) -> None:
    """An empty page would leave a newcomer wondering."""
    shown = page_of(visitor)
    visible = [shown[part]["visible"] for part in PARTS[:5]]
    assert visible == [True, False, False, False, True]


def test_a_visitor_sees_a_made_up_listener(store: FeatureStore, visitor: Visitor) -> None:
    """Playlist, reason, link to Spotify; nothing to press, and nothing of what that listener said."""
    add_listener(store, "Ada", "sandbox")
    add_listener(store, "Bea", "sandbox")
    shown = page_of(visitor)
    assert shown["demo"]["choices"] == [["Ada", "ada"], ["Bea", "bea"]]
    tabs, opened, tracks, *_ = visitor.see("choose_listener", "bea")
    assert "Discover" in tabs
    assert opened == "discover"
    assert f"Made on {NOW:%d %B %Y} by model audio, version 1." in tracks
    assert f'href="https://open.spotify.com/track/{SONG}"' in tracks
    assert "for Bea" in tracks
    assert "<button" not in tracks
    # They are not the listener.
    assert not re.search(r"\byou", tracks)
    assert not re.search(r"\byou", visitor.send("tell_what_was_heard", "bea").text)
    assert not any(re.search(r"\byou", kind.about, re.IGNORECASE) for kind in KINDS.values())


@pytest.mark.usefixtures("_model")
def test_a_real_listener_is_shown_to_nobody(store: FeatureStore, visitor: Visitor) -> None:
    """Only made-up listeners are on the page, whatever a visitor asks for; each event does show one of those."""
    add_listener(store, "Ada", "sandbox")
    add_listener(store, "Real", "spotify")
    assert page_of(visitor)["demo"]["choices"] == [["Ada", "ada"]]
    marks = {"choose_listener": "for Ada", "choose_playlist": "for Ada", "tell_what_was_heard": "Ada &lt;b&gt;"}
    for event, mark in {**marks, "draw_taste": "<svg"}.items():
        assert mark in json.dumps(visitor.see(event, "ada", playlist="discover"))
        for asked in ("real", ["real", "ada"], {"real": 1}, None, 1):
            assert told(visitor.see(event, asked, playlist="discover")) == []
            assert not is_demo(store, asked)


def test_a_listener_sees_their_own(ada: Visitor, store: FeatureStore) -> None:
    """With buttons, and nobody else's."""
    add_listener(store, "Bea", "sandbox")
    shown = page_of(ada)
    assert [shown[part]["visible"] for part in PARTS[:5]] == [False, True, True, False, False]
    assert shown["demo"]["choices"] == []
    assert "for Ada" in shown["tracks"]
    assert 'aria-label="Like Found"' in shown["tracks"]
    assert "for Bea" not in ada.send("choose_listener", "bea").text
    (heard,) = ada.see("tell_what_was_heard", None)
    assert "1 could not be found" in heard
    assert "Ada &lt;b&gt;</a> · Band, Guest" in heard


def judge(visitor: Visitor, action: str, *blocked: Any, track: str = SONG) -> list[Any]:
    """Press a button of a track; `blocked` is what the panel's field was filled with, and what stands in it."""
    return visitor.see("judge_track", "discover", *(blocked or (None, [])), track_id=track, action=action)


def test_what_a_listener_says_is_written_and_shown(ada: Visitor, store: FeatureStore) -> None:
    """At once; and what they say of an artist stands among their wishes."""
    *_, tracks, said, _, _ = judge(ada, "like")
    assert 'aria-pressed="true"' in tracks
    assert "Found" in said
    assert store.read(FEEDBACK)["verdict"].tolist() == ["like"]
    *_, tracks, said, filled, blocked = judge(ada, "never this artist", ["Ada"], ["Ada"])
    assert ">Undo</button>" in tracks
    assert filled == blocked == ["Ada", "Band"]
    assert wishes_of(store, "ada").blocked_artists == {"Ada", "Band"}
    *_, tracks, said, filled, blocked = judge(ada, "allow this artist", filled, blocked)
    assert (filled, blocked, ">Undo</button>" in tracks) == (["Ada"], ["Ada"], False)
    *_, said, _, _ = judge(ada, "like", track=HEARD)
    assert said.startswith("That track is on none of your playlists")


@pytest.mark.usefixtures("_model")
def test_neither_the_field_nor_a_button_undoes_the_other(ada: Visitor, store: FeatureStore) -> None:
    """Not in another tab, not while an answer is on its way, and not before the first is saved."""
    filled = ada.see("fill_wishes", None)[0]
    assert filled == ["Ada"]
    # Opened again, it is as they left it.
    assert told(ada.see("fill_wishes", filled)) == []
    # They typed a name and took one out; the button is in this tab.
    *_, filled, field = judge(ada, "never this artist", filled, ["Typed"])
    assert (filled, field) == (["Ada", "Band"], ["Band", "Typed"])
    assert wishes_of(store, "ada").blocked_artists == {"Ada", "Band"}
    # The button was in another tab: this one knows nothing of it.
    *errors, said, filled, field = ada.see("save_wishes", ["Ada"], *form(blocked_artists=["Typed"], length=20))
    assert said.startswith("Saved")
    assert not any(errors)
    assert filled == field == ["Band", "Typed"]
    assert wishes_of(store, "ada") == Wishes(length=20, blocked_artists=frozenset({"Band", "Typed"}))
    # Whatever a browser may send for what the field was filled with.
    *errors, said, _, _ = ada.see("save_wishes", {"$ne": 1}, *form())
    assert said.startswith("Nothing was saved")
    # What cannot be saved stays in the field.
    assert told(judge(ada, "allow this artist", ["Band"], ["x" * 300])[-2:]) == []
    assert wishes_of(store, "ada").blocked_artists == {"Typed"}


@pytest.mark.usefixtures("_model")
def test_without_the_cookie_nothing_is_theirs(ada: Visitor, store: FeatureStore) -> None:
    """Not by the session_hash of their tab, which anybody may send."""
    events: dict[str, tuple[tuple[Any, ...], str]] = {
        "open_playlists": ((), "for Ada"),
        "choose_playlist": ((None,), "for Ada"),
        "choose_listener": (("ada",), "for Ada"),
        "look_at_refresh": (("discover",), "for Ada"),
        "fill_wishes": ((None,), '["Ada"]'),
        "tell_what_was_heard": (("ada",), "Ada &lt;b&gt;"),
        "draw_taste": (("ada",), "<svg"),
        "picture_moods": (("",), "of your 1 songs"),
        "picture_chosen_mood": (("calm",), "of your 1 songs"),
    }
    for event, (data, mark) in events.items():
        assert mark in json.dumps(ada.see(event, *data, playlist="discover"))
    cookies = dict(ada.client.cookies)
    ada.client.cookies.clear()
    for event, (data, _) in events.items():
        assert told(ada.see(event, *data, playlist="discover")) in ([], ["Log in again first."])
    before = wishes_of(store, "ada")
    *_, said, _, _ = judge(ada, "like")
    assert "not logged in" in said
    *_, said, _, _ = ada.see("save_wishes", ["Ada"], *form())
    assert "not logged in" in said
    assert told(ada.see("refresh_now")) == ["Log in again first."]
    assert store.read(FEEDBACK).empty
    assert wishes_of(store, "ada") == before
    # Nothing was begun for them, either.
    ada.client.cookies.update(cookies)
    assert ada.see("look_at_refresh", "discover")[0] == ""


def test_a_removed_playlist_is_brought_back(ada: Visitor, store: FeatureStore) -> None:
    """It is not shown any more; the notice says so, and one press is enough."""
    write_kept(store, "ada", "discover", Kept(id="0" * 22, removed_at=NOW))
    # A kind that there is no more.
    write_kept(store, "ada", "polka", Kept(id="1" * 22, removed_at=NOW))
    shown = page_of(ada)
    assert "for Ada" not in shown["tracks"]
    assert "You removed Segue Discover in Spotify" in shown["notices"]
    assert "polka" not in shown["notices"]
    for _ in range(2):
        notices, said = ada.see("bring_playlist_back", playlist="discover")
        assert "You removed" not in notices
        assert said == "It comes back with the next refresh."
    assert read_kept(store, "ada")["discover"].brought_back


def test_who_must_log_in_again_is_told(ada: Visitor, store: FeatureStore) -> None:
    """And nothing is asked of Spotify in vain."""
    store.update(LISTENERS, {"listener_id": "ada"}, {"status": "reconnect"})
    assert "/auth/login" in page_of(ada)["notices"]
    said, clock = ada.see("refresh_now")
    assert said == "Log in again first."
    assert clock["active"] is False


def form(**given: Any) -> list[Any]:
    """Return what stands in the fields of the panel, in its order."""
    defaults = {
        "playlists": ["familiar", "discover"],
        "familiarity": "any",
        "popularity": "any",
        "mood": "",
        "only_genres": [],
        "no_genres": [],
        "decades": [],
        "length": 50,
        "explicit": True,
        "blocked_artists": [],
        "approach": "hybrid",
    }
    return list({**defaults, **given}.values())


def test_a_number_out_of_range_is_said_beside_its_field(ada: Visitor, store: FeatureStore) -> None:
    """It is not cut, and nothing is saved."""
    before = wishes_of(store, "ada")
    for length in (200, 9, 20.5, "many"):
        *errors, said, _, _ = ada.see("save_wishes", [], *form(length=length))
        assert [bool(error) for error in errors].index(True) == list(form()).index(50)
        assert said.startswith("Nothing was saved")
    assert wishes_of(store, "ada") == before


def test_wishes_are_saved_or_what_is_wrong_is_said_beside_the_field(ada: Visitor, store: FeatureStore) -> None:
    """With no model registered there is no approach to choose: nothing is saved then, either."""
    before = wishes_of(store, "ada")
    *errors, said, _, _ = ada.see("save_wishes", [], *form(only_genres=["polka"], length=20))
    assert [bool(error) for error in errors].index(True) == list(form()).index([])
    assert "polka" in "".join(errors)
    assert said.startswith("Nothing was saved")
    *errors, said, _, _ = ada.see("save_wishes", [], *form(length=20))
    assert "choose another" in errors[-1]
    assert wishes_of(store, "ada") == before
    assert ada.see("fill_wishes", None)[:3] == [["Ada"], ["familiar", "discover"], "any"]


def test_what_had_to_be_widened_is_said(store: FeatureStore) -> None:
    """As on the first page, and in Spotify."""
    add_listener(store, "Ada", "spotify")
    assert "To fill it" not in kept_playlists(store, "ada")["discover"]["about"]
    write_kept(store, "ada", "discover", Kept(id="0" * 22, widened=("other decades", "repeats")))
    about = kept_playlists(store, "ada")["discover"]["about"]
    assert "To fill it, these came in: other decades, repeats. Made on" in about


def test_playlists_come_in_the_order_in_which_they_are_made(store: FeatureStore) -> None:
    """A link leads to Spotify only where the playlist is there; made-up tracks lead nowhere."""
    add_listener(store, "Ada", "spotify")
    discover = store.read(RECOMMENDATIONS)
    for name in ("party", "familiar"):
        store.upsert(RECOMMENDATIONS, discover.assign(playlist=name))
    write_kept(store, "ada", "party", Kept(id="P" * 22))
    store.upsert(TRACKS, store.read(TRACKS).assign(source="made-up"))
    shown = kept_playlists(store, "ada")
    assert list(shown) == ["familiar", "discover", "party"]
    assert shown["party"]["url"] == "https://open.spotify.com/playlist/" + "P" * 22
    assert shown["familiar"]["url"] == ""
    assert shown["party"]["tracks"][0] == {
        "rank": 1,
        "track_id": SONG,
        "title": "Found",
        "artists": "Band, Guest",
        "year": 1999,
        "reason": "Like Heard by Band: for Ada",
        "url": "",
    }
