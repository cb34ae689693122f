"""The first page's events: whatever is sent to them, they answer with a page."""

from __future__ import annotations

import json
from collections import Counter
from html import unescape
from pathlib import Path
from typing import Any

import gradio
import pytest
from catalogs import made_up_tracks, store_and_train, track_id
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from app.context import Context
from app.security.work import PER_MINUTE
from app.start.events import StartEvents
from app.start.file_note import file_note
from app.start.options import NAMES
from app.start.picks import (
    MOST_BROUGHT,
    MOST_PICKED,
    MOST_SHARED,
    brought_songs,
    picked_songs,
    share_address,
    shared_songs,
)
from app.uploads.matching import match
from app.uploads.songs import Songs
from segue.settings import load_settings
from segue.store import FeatureStore

FIELDS: dict[str, Any] = {
    "familiarity": "any",
    "popularity": "any",
    "mood": "",
    "decades": [],
    "only_genres": [],
    "no_genres": [],
    "explicit": True,
    "length": 10,
    "approach": "hybrid",
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=30), inner, max_size=3),
    max_leaves=8,
)


def visitor(address: str = "192.0.2.1") -> gradio.Request:
    """Return the request of somebody who has no login."""
    return gradio.Request(Request({"type": "http", "client": (address, 1), "headers": [], "query_string": b""}))


@pytest.fixture
def context(store: FeatureStore) -> Context:
    """Return an app with a catalog of 60 songs and a model of it."""
    store_and_train(store, made_up_tracks(60), "hybrid")
    return Context.of(load_settings().model_copy(update={"limit_rates": False}))


@pytest.fixture
def events(context: Context) -> StartEvents:
    """Return the events of its first page."""
    return StartEvents(context)


def show(events: StartEvents, picked: Any, brought: Any = None, **fields: Any) -> tuple[str, str, str | None]:
    """Return what is said to be wrong, with the songs and with an option, and the list if there is one."""
    kept = json.dumps(brought) if brought else ""
    _, problem, of_option, results, tracks, *_ = events.show(visitor(), picked, kept, *(FIELDS | fields).values())
    return problem["value"], of_option["value"], tracks if results["visible"] else None


def test_songs_lead_to_a_list(events: StartEvents) -> None:
    """Those that were picked, those out of a file, or both; none of them is on it."""
    brought = {track_id(3): 0.5, track_id(4): 1.0}
    for picked, of_file, songs in (
        ([track_id(1)], None, "1 song"),
        ([], brought, "2 songs"),
        ([track_id(1)], brought, "3"),
    ):
        problem, of_option, tracks = show(events, picked, of_file)
        assert (problem, of_option) == ("", "")
        assert tracks is not None
        assert f"10 tracks from {songs}" in tracks
        assert not any(f'data-track="{each}"' in tracks for each in [*picked, *(of_file or {})])


def test_nothing_leads_to_nothing(events: StartEvents) -> None:
    """And nothing is wrong with that."""
    assert show(events, []) == ("", "", None)


def test_what_means_no_song_is_said(events: StartEvents) -> None:
    """As text, whatever it is; the others still count."""
    problem, _, tracks = show(events, [track_id(1), "<img src=x>"])
    assert "No song is found for “&lt;img src=x&gt;”" in problem
    assert tracks is not None


def test_text_becomes_the_song_that_it_means(events: StartEvents) -> None:
    """In the field, which then asks for the list."""
    picked, *others = events.show(visitor(), ["song 7", "song 7"], None, *FIELDS.values())
    assert picked["value"] == [track_id(7)]
    assert picked["choices"] == [("Song 7 · Artist 2", track_id(7))]
    assert not any("value" in update for update in others)


def test_a_wish_that_leaves_nothing_is_said(events: StartEvents) -> None:
    """What cannot be used is said beside the options, what cannot be fulfilled beside the songs."""
    problem, of_option, tracks = show(events, [track_id(1)], only_genres=["polka"])
    assert problem == ""
    assert "There is no genre “polka”" in of_option
    assert tracks is None
    problem, of_option, tracks = show(events, [track_id(1)], no_genres=["jazz", "rock"])
    assert "Nothing is left to recommend" in problem
    assert (of_option, tracks) == ("", None)


@pytest.mark.usefixtures("store")
def test_before_there_is_a_catalog_the_page_says_what_to_run() -> None:
    """As the commands do."""
    events = StartEvents(Context.of(load_settings()))
    problem, _, tracks = show(events, [track_id(1)])
    assert "There is no catalog yet: run `segue features` first." in problem
    assert tracks is None


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANYTHING, ANYTHING, st.sampled_from(NAMES), ANYTHING)
def test_whatever_is_sent_is_answered(events: StartEvents, picked: Any, brought: Any, name: str, value: Any) -> None:
    """With an update for every part of the page, and never with an error."""
    answer = events.show(visitor(), picked, brought, *(FIELDS | {name: value}).values())
    assert len(answer) == len(events.show(visitor(), [], None, *FIELDS.values()))


@given(ANYTHING)
def test_only_preferences_come_out_of_what_a_browser_kept(given_back: Any) -> None:
    """Of tracks, above 0 and up to 1."""
    for kept in (given_back, json.dumps(given_back)):
        assert all(len(each) == 22 and 0 < liked <= 1 for each, liked in brought_songs(kept).items())


def test_songs_that_look_the_same_are_told_apart(store: FeatureStore) -> None:
    """By their albums; no id is shown where there is a name."""
    twins = made_up_tracks(60).assign(title="Song", artists="Artist", album=["Early", "Late", None, *["x"] * 57])
    store_and_train(store, twins, "hybrid")
    third = gradio.EventData(None, {"track_ids": [track_id(2)]})
    named, added = StartEvents(Context.of(load_settings())).add("song", [track_id(0), track_id(1)], third)
    names = ["Song · Artist, on Early", "Song · Artist, on Late", "Song · Artist"]
    assert named["choices"] == list(zip(names, map(track_id, range(3)), strict=True))
    assert added == {"typed": "song", "songs": [track_id(2)]}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([0], "1 song in your file. It is in the catalog."),
        ([0, 99], "2 songs in your file. 1 of them is in the catalog. Not there: "),
        ([0, 1, 99], "3 songs in your file. 2 of them are in the catalog. Not there: "),
        ([99], "The song in it is not in the catalog. Not there: "),
        ([98, 99], "None of the 2 songs in it is in the catalog. Not there: "),
    ],
)
def test_a_file_is_spoken_of_as_people_would(context: Context, lines: list[int], said: str) -> None:
    """One song is not several."""
    read = Songs.of(Counter({(track_id(number), None, None): 1 for number in lines}))
    matched = match(read, context.engine.catalog(), context.engine.search().by_name)
    assert said in unescape(file_note(read, matched)["value"])


def test_no_more_songs_are_taken_than_a_file_can_have() -> None:
    """Else nothing of it is."""
    most = {track_id(number): 1.0 for number in range(MOST_BROUGHT)}
    assert brought_songs(json.dumps(most)) == most
    assert brought_songs(json.dumps({**most, "z" * 22: 1.0})) == {}
    assert brought_songs(json.dumps({track_id(1): float("nan")})) == {}


def test_no_more_songs_are_picked_than_fit(context: Context) -> None:
    """The first ones."""
    ids = [track_id(number) for number in range(60)]
    picked, unknown = picked_songs(context.engine.search(), context.engine.catalog(), ids)
    assert [song.track_id for song in picked] == ids[:MOST_PICKED]
    assert unknown == []


def test_an_address_leads_to_the_same_songs() -> None:
    """As many as fit into it; nothing else is taken out of it."""
    ids = [track_id(number) for number in range(30)]
    assert shared_songs(share_address(ids).removeprefix("/?songs=")) == ids[:MOST_SHARED]
    assert shared_songs("x,<script>,," + ids[0]) == ids[:1]
    assert shared_songs("," * 1_000_000) == []


def test_the_catalog_itself_has_points_to_start_from(context: Context) -> None:
    """Genres with their best known songs, each by somebody else; and songs by chance."""
    offers = context.engine.offers()
    known = offers.catalog.recordings
    assert offers.genres == ["jazz", "rock"]
    for genre, ids in offers.examples:
        assert set(known.loc[ids, "genres"]) == {genre}
        assert known.loc[ids, "artists"].is_unique
    assert {offers.surprise() for _ in range(50)} <= set(known.index)


def test_whoever_asks_for_too_much_is_told_when_to_ask_again(context: Context) -> None:
    """Each song that is picked costs the others a moment; somebody else is answered all the same."""
    limited = Context.of(context.settings.model_copy(update={"limit_rates": True}))
    events = StartEvents(limited)
    for _ in range(PER_MINUTE):
        with limited.work.turn(visitor()):
            pass
    asked = ([track_id(0)], None, *FIELDS.values())
    assert "a lot at once: try again in" in events.show(visitor(), *asked)[1]["value"]
    assert not events.show(visitor("192.0.2.2"), *asked)[1]["value"]


def test_a_file_s_answer_says_nothing_of_songs_picked_meanwhile(context: Context, tmp_path: Path) -> None:
    """It brings its songs; what goes with them and with what is picked by then is asked for with both."""
    file = tmp_path / "songs.txt"
    file.write_text(track_id(3))
    kept, *others = StartEvents(context).bring(visitor(), [str(file)])
    assert brought_songs(kept) == {track_id(3): 1.0}
    assert len(others) == 2
    assert "2 songs" in str(show(StartEvents(context), [track_id(1)], brought_songs(kept))[2])


def test_a_file_that_is_not_read_is_deleted_all_the_same(context: Context, tmp_path: Path) -> None:
    """Whoever is asked to wait leaves nothing here meanwhile."""
    limited = Context.of(context.settings.model_copy(update={"limit_rates": True}))
    for _ in range(PER_MINUTE):
        with limited.work.turn(visitor()):
            pass
    file = tmp_path / "songs.txt"
    file.write_text(track_id(0))
    said = StartEvents(limited).bring(visitor(), [str(file)])[1]
    assert "try again in" in said["value"]
    assert not file.exists()


def test_what_is_picked_before_the_page_is_complete_stays(context: Context) -> None:
    """The page fills in what there is to choose from, and picks only what its address names."""
    assert StartEvents(context).open_page(visitor())[0] == gradio.skip()
