"""Playlists for every connected listener, kept in place in the real sandbox by the real client."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest
from catalogs import made_up_tracks, store_and_train, track_id, train_small
from typer.testing import CliRunner, Result

from feature_pipeline.listens import fetch_listens
from inference_pipeline.cli import program
from inference_pipeline.discover import LENGTH, discover
from inference_pipeline.filters import known_rows
from inference_pipeline.preferences import RANGE_WEIGHTS, preferences
from inference_pipeline.publish import describe
from inference_pipeline.rerank import cap_artists
from inference_pipeline.stored import stored_recommendations
from segue.errors import InputError
from segue.groups import LISTENERS, LISTENS, RECOMMENDATIONS, RUNS, TRACKS
from segue.models.catalog import Catalog, read_catalog
from segue.registry import FolderRegistry
from segue.sandbox.address import environment
from segue.sandbox.people import PEOPLE
from segue.sandbox.refusals import Refusal
from segue.sandbox.server import Sandbox
from segue.sandbox.state import Memory
from segue.settings import load_settings
from segue.spotify.session import open_session
from segue.store import FeatureStore

pytest_plugins = ("sandbox_fixture",)

NOW = datetime.now(timezone.utc)


def listens_of(*rows: tuple[int, str, int, str]) -> pd.DataFrame:
    """Return listens: number of the matched track, source, rank, how it was matched."""
    frame = pd.DataFrame(rows, columns=["number", "source", "rank", "matched_by"])
    ids = frame.pop("number").map(track_id)
    return frame.assign(
        listener_id="someone",
        track_id=ids.where(frame["matched_by"] == "id", "Other" + ids.str[5:]),
        title="Song",
        artists="Artist",
        matched_track_id=ids,
        fetched_at=NOW,
        expires_at=NOW + timedelta(days=30),
    )


def as_catalog(tracks: pd.DataFrame) -> Catalog:
    """Return tracks as the models see them."""
    return Catalog(TRACKS.validate(tracks).set_index("track_id"))


def run_playlists(sandbox: Sandbox, *arguments: str) -> Result:
    """Run `playlists` as from the command line."""
    return CliRunner().invoke(program, ["playlists", *arguments], env=environment(sandbox.port))


@pytest.fixture
def listening(store: FeatureStore, connected: Sandbox, catalog: pd.DataFrame) -> Sandbox:
    """Serve the sandbox with a trained model and everybody's listens in the store."""
    model = train_small(catalog)
    FolderRegistry(load_settings().models_dir).save("audio", model.save, {}, {})
    fetch_listens(store, connected.settings)
    return connected


def spotify_playlists(store: FeatureStore, sandbox: Sandbox) -> dict[str, tuple[str, list[str]]]:
    """Return what stands in each account now: the playlist's id and its tracks."""
    found = {}
    for _, listener in store.read(LISTENERS).iterrows():
        playlist_id = json.loads(listener["playlists"])["discover"]
        client = open_session(store, sandbox.settings, listener)
        found[listener["listener_id"]] = (playlist_id, client.playlist_track_ids(playlist_id))
    return found


def test_every_listener_gets_a_playlist(store: FeatureStore, listening: Sandbox, catalog: pd.DataFrame) -> None:
    """50 recordings, none they have played, none twice, at most 2 by an artist, each with a reason; as in Spotify."""
    result = run_playlists(listening)
    assert result.exit_code == 0, result.output
    artists = catalog.set_index("track_id")["artists"]
    listens = store.read(LISTENS)
    for listener_id, (_, tracks) in spotify_playlists(store, listening).items():
        stored = stored_recommendations(store, listener_id)
        assert stored["track_id"].tolist() == tracks
        assert stored["rank"].tolist() == list(range(1, LENGTH + 1))
        assert len(set(tracks)) == LENGTH
        played = listens[listens["listener_id"] == listener_id]
        assert not set(tracks) & {*played["track_id"], *played["matched_track_id"].dropna()}
        assert artists[tracks].value_counts().max() <= 2
        assert stored["reason"].str.startswith("Close in sound to ").all()
        assert stored["model"].eq("audio@1").all()
        assert (stored["expires_at"] - stored["made_at"] == timedelta(days=30)).all()
        assert stored["title"].notna().all()


def test_a_second_run_updates_the_same_playlist(store: FeatureStore, listening: Sandbox) -> None:
    """Nothing is created twice; from the same listens comes the same list, of which nothing is new."""
    run_playlists(listening)
    before = spotify_playlists(store, listening)
    report = json.loads(run_playlists(listening, "--json").stdout)
    assert spotify_playlists(store, listening) == before
    assert {one["new"] for one in report["listeners"]} == {0}
    assert {one["tracks"] for one in report["listeners"]} == {LENGTH}
    assert report["failed"] == 0


def start_playlists(sandbox: Sandbox) -> subprocess.Popen[bytes]:
    """Start `segue playlists` as a program of its own."""
    surroundings = {**os.environ, **environment(sandbox.port)}
    return subprocess.Popen([sys.executable, "-m", "segue", "playlists"], env=surroundings)


def after_a_creation(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, happens: Callable[[], None]) -> None:
    """Let something happen once, between the creation of a playlist and the answer to it."""
    state = sandbox.service.state
    untouched = state.changing

    @contextmanager
    def changing() -> Iterator[Memory]:
        before = len(state.read().playlists)
        with untouched() as memory:
            yield memory
        if len(state.read().playlists) > before:
            monkeypatch.setattr(state, "changing", untouched)
            happens()

    monkeypatch.setattr(state, "changing", changing)


def assert_one_each(store: FeatureStore, sandbox: Sandbox) -> None:
    """Check that everybody has a single playlist, which is the one that is kept, full and described."""
    kept = spotify_playlists(store, sandbox)
    assert len(kept) == len(PEOPLE)
    for person in PEOPLE:
        ((playlist_id, playlist),) = sandbox.service.playlists_of(person.user_id).items()
        assert kept[person.account_id] == (playlist_id, sandbox.service.track_ids(playlist_id))
        assert len(playlist.entries) == LENGTH
        assert playlist.description.startswith("Songs you have not played yet")


def test_killed_after_a_creation_the_playlist_is_found_again(
    store: FeatureStore, listening: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spotify has made the playlist and nobody heard the answer: the next run takes that one, and makes no second."""
    process = start_playlists(listening)
    after_a_creation(listening, monkeypatch, process.kill)
    assert process.wait() == -signal.SIGKILL
    assert len(listening.service.state.read().playlists) == 1
    assert run_playlists(listening).exit_code == 0
    assert_one_each(store, listening)


def test_two_runs_at_once_make_one_playlist_each(store: FeatureStore, listening: Sandbox) -> None:
    """The second waits for the first, and updates what that made."""
    processes = [start_playlists(listening) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    assert_one_each(store, listening)


def test_a_creation_that_is_answered_with_an_error_is_found(
    store: FeatureStore, listening: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The playlist is there although Spotify said 502: it is taken, in the same run."""

    def fail() -> None:
        raise Refusal(502, "Bad gateway.")

    after_a_creation(listening, monkeypatch, fail)
    assert run_playlists(listening).exit_code == 0
    assert_one_each(store, listening)


def test_a_playlist_that_is_gone_is_made_anew(store: FeatureStore, listening: Sandbox) -> None:
    """Spotify answers 404 to what was kept: there is a new one, and it is kept from then on."""
    run_playlists(listening)
    gone = spotify_playlists(store, listening)["sandbox-juniper"][0]
    with listening.service.state.changing() as memory:
        del memory.playlists[gone]
    assert run_playlists(listening).exit_code == 0
    assert spotify_playlists(store, listening)["sandbox-juniper"][0] != gone
    assert_one_each(store, listening)


@pytest.mark.parametrize("written", [True, False])
def test_a_write_that_is_answered_with_an_error_is_looked_at(
    store: FeatureStore, listening: Sandbox, monkeypatch: pytest.MonkeyPatch, *, written: bool
) -> None:
    """It counts as done if the playlist holds the tracks, and else as failed: then nothing is stored as published."""
    state = listening.service.state
    untouched = state.changing

    @contextmanager
    def changing() -> Iterator[Memory]:
        with untouched() as memory:
            changes = {playlist_id: playlist.changes for playlist_id, playlist in memory.playlists.items()}
            yield memory
            hit = any(playlist.changes > changes.get(each, 0) for each, playlist in memory.playlists.items())
            if hit and not written:
                raise Refusal(502, "Bad gateway.")
        if hit:
            raise Refusal(502, "Bad gateway.")

    monkeypatch.setattr(state, "changing", changing)
    result = run_playlists(listening)
    assert result.exit_code == (0 if written else 1)
    assert store.read(RECOMMENDATIONS).empty != written
    assert ("status 502" in result.stdout) != written


def test_one_failure_does_not_stop_the_others(store: FeatureStore, listening: Sandbox) -> None:
    """Who withdrew consent is reported and gets nothing, everybody else is served, and the exit status tells."""
    listeners = store.read(LISTENERS)
    unlucky = str(listeners["listener_id"].iloc[0])
    listening.service.revoke(unlucky.removeprefix("sandbox-"))
    result = run_playlists(listening, "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    failed = [one for one in report["listeners"] if one["failed"]]
    assert [one["listener"] for one in failed] == [listeners["display_name"].iloc[0]]
    assert stored_recommendations(store, unlucky).empty
    assert "log in again" in failed[0]["status"]
    assert {one["status"] for one in report["listeners"] if not one["failed"]} == {"published"}
    assert len(report["listeners"]) == len(listeners)


def test_the_run_is_recorded_without_personal_data(store: FeatureStore, listening: Sandbox) -> None:
    """Counts only: nobody's name or id is in it."""
    run_playlists(listening)
    (report,) = store.read(RUNS, where={"pipeline": "playlists"})["report"]
    assert set(json.loads(report)) == {"model", "listeners", "failed", "tracks"}


def test_expired_recommendations_are_gone(store: FeatureStore, listening: Sandbox) -> None:
    """A run sweeps them away, and until then nobody is shown them."""
    run_playlists(listening)
    rows = store.read(RECOMMENDATIONS).assign(listener_id="left long ago", expires_at=NOW - timedelta(days=1))
    store.upsert(RECOMMENDATIONS, rows.drop_duplicates("rank"))
    assert stored_recommendations(store, "left long ago").empty
    run_playlists(listening)
    assert "left long ago" not in set(store.read(RECOMMENDATIONS)["listener_id"])


def test_a_listener_without_listens_is_no_failure(store: FeatureStore, listening: Sandbox) -> None:
    """It is said what to do, and they have no playlist yet."""
    newcomer = str(store.read(LISTENERS)["listener_id"].iloc[0])
    store.delete(LISTENS, {"listener_id": newcomer})
    result = run_playlists(listening, "--json")
    assert result.exit_code == 0
    statuses = [one["status"] for one in json.loads(result.stdout)["listeners"]]
    assert sum("run `segue listens`" in status for status in statuses) == 1
    assert stored_recommendations(store, newcomer).empty


def test_preferences_by_hand() -> None:
    """Range times match, halved at place 50; each list counts once, and the first place of all four is 1."""
    tracks = made_up_tracks(7)
    tracks.loc[5, "recording_id"] = track_id(4)
    liked = preferences(
        listens_of(
            (0, "short_term", 1, "id"),
            (1, "short_term", 50, "title"),
            (2, "long_term", 1, "artist"),
            (3, "short_term", 1, "id"),
            (3, "medium_term", 1, "id"),
            (4, "recently_played", 1, "id"),
            (5, "long_term", 50, "id"),
            (5, "recently_played", 9, "title"),
            *((6, source, 1, "id") for source in RANGE_WEIGHTS),
        ),
        as_catalog(tracks),
    )
    expected = {6: 2.8, 3: 1 + 0.8, 0: 1, 4: 0.4 + 0.3, 1: 0.5, 2: 0.6 * 0.3}
    assert liked.to_dict() == pytest.approx({track_id(n): weight / 2.8 for n, weight in expected.items()})
    assert liked.index.tolist() == [track_id(n) for n in expected]


def test_of_equally_liked_ones_the_higher_place_comes_first() -> None:
    """One high place says more than two low ones that add up to the same, whatever the ids."""
    rows = [(0, "medium_term", 50, "id"), (0, "recently_played", 50, "id"), (1, "long_term", 1, "id")]
    liked = preferences(listens_of(*rows), as_catalog(made_up_tracks(2)))
    assert liked.iloc[0] == liked.iloc[1]
    assert liked.index.tolist() == [track_id(1), track_id(0)]


def test_places_in_overlapping_lists_stay_apart(store: FeatureStore, listening: Sandbox) -> None:
    """A person's ranges share many songs; still hardly any two are liked the same, and none beyond 1."""
    assert listening
    for _, listens in store.read(LISTENS).groupby("listener_id"):
        assert listens.loc[listens["source"] != "recently_played", "track_id"].duplicated().sum() > 20
        liked = preferences(listens, read_catalog(store))
        assert liked.nunique() > 0.9 * len(liked)
        assert liked.max() <= 1
        assert (liked == liked.max()).sum() == 1


def test_recent_lists_count_more() -> None:
    """What is loved now, before what was loved for long, before a single play."""
    rows = [
        (n, source, 10, "id") for n, source in enumerate(["recently_played", "long_term", "short_term", "medium_term"])
    ]
    liked = preferences(listens_of(*rows), as_catalog(made_up_tracks(4)))
    assert liked.index.tolist() == [track_id(n) for n in (2, 3, 1, 0)]


def test_everything_played_is_known_but_a_stand_in_is_not() -> None:
    """Known is the recording, under whatever id; a track that stands in for its artist has not been played."""
    tracks = made_up_tracks(10)
    tracks.loc[1, "recording_id"] = track_id(0)
    model = train_small(tracks)
    listens = listens_of((1, "short_term", 1, "id"), (4, "short_term", 2, "title"), (7, "short_term", 3, "artist"))
    known = model.track_ids[known_rows(model, as_catalog(tracks), listens)]
    assert known.tolist() == [track_id(0), track_id(4)]


def test_no_artist_has_more_than_two_not_even_as_a_guest() -> None:
    """Every credited name counts, however it is spelled; the order of the others stays."""
    tracks = made_up_tracks(8)
    tracks["artists"] = ["A", "B;A", "C;The A", "A", "B", "B;D", "D", "E"]
    model = train_small(tracks)
    chosen = cap_artists(model, as_catalog(tracks), np.arange(8), at_most=2, length=5)
    assert chosen.tolist() == [0, 1, 4, 6, 7]


def test_a_small_catalog_gives_a_short_playlist(store: FeatureStore) -> None:
    """All that is possible, and no more: 18 tracks by 6 artists, one of them played."""
    catalog, model = store_and_train(store, made_up_tracks(18))
    playlist = discover(model, catalog, listens_of((0, "short_term", 1, "id")))
    assert len(playlist.tracks) == 12
    assert playlist.favorites == ["Song 0 by Artist 0"]


def test_nothing_of_theirs_in_the_catalog_is_one_clear_line(store: FeatureStore) -> None:
    """It says what to do."""
    catalog, model = store_and_train(store, made_up_tracks(18))
    with pytest.raises(InputError, match="none of their tracks is in the catalog"):
        discover(model, catalog, listens_of((500, "short_term", 1, "id")))


def test_a_description_fits_into_spotifys_300_characters() -> None:
    """With the date and two songs, cut where a title is endless."""
    today = date(2026, 11, 22)
    short = describe(["Holocene by Bon Iver", "Re: Stacks by Bon Iver"], today)
    assert short == (
        "Songs you have not played yet, close to Holocene by Bon Iver and Re: Stacks by Bon Iver."
        " Made by Segue on 22 November 2026."
    )
    endless = describe(["x" * 400, "y"], today)
    assert len(endless) == 300
    assert endless.endswith("xxx… Made by Segue on 22 November 2026.")


def test_without_a_model_it_is_one_clear_line(connected: Sandbox) -> None:
    """It says which command comes first."""
    result = run_playlists(connected)
    assert "run `segue train`" in str(result.exception)
