"""Playlists for every connected listener, kept in place in the real sandbox by the real client."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from io import BytesIO

import pandas as pd
import pytest
from listening import NOW, feedback_of
from logging_in import log_in
from PIL import Image
from typer.testing import CliRunner, Result

from feature_pipeline.listens import fetch_listens
from inference_pipeline.candidates import COLUMNS
from inference_pipeline.cli import program
from inference_pipeline.cover import draw_cover
from inference_pipeline.kept import read_kept
from inference_pipeline.libraries import Libraries
from inference_pipeline.playlist_kinds import DISCOVER, KINDS
from inference_pipeline.preferences import preferences
from inference_pipeline.publish import describe
from inference_pipeline.recommend import Service
from inference_pipeline.served import Served
from inference_pipeline.stored import stored_recommendations
from inference_pipeline.summary import print_served
from inference_pipeline.wishes import Wishes
from segue.errors import InputError
from segue.groups import FEEDBACK, LISTENERS, LISTENS, RECOMMENDATIONS, RUNS, SERVED, SPOTIFY_CALLS, TRACKS
from segue.models.catalog import read_catalog
from segue.models.choice import fit_model
from segue.models.content import place_by_content
from segue.registry import FolderRegistry
from segue.sandbox.address import environment
from segue.sandbox.faults import AccessExpired, QuotaExceeded
from segue.sandbox.people import PEOPLE, Person
from segue.sandbox.refusals import Refusal
from segue.sandbox.server import Sandbox
from segue.sandbox.state import Memory
from segue.settings import load_settings
from segue.spotify import accounts
from segue.spotify.client import SpotifyClient
from segue.spotify.listeners import update_listener
from segue.spotify.retention import forget
from segue.spotify.session import open_session
from segue.spotify.setup import spotify_settings
from segue.store import FeatureStore, open_store

pytest_plugins = ("sandbox_fixture",)


LENGTH = Wishes().length
PEOPLE_BY_ID = {person.account_id: person for person in PEOPLE}


def run_playlists(sandbox: Sandbox, *arguments: str) -> Result:
    """Run `playlists` as from the command line."""
    return CliRunner().invoke(program, ["playlists", *arguments], env=environment(sandbox.port))


@pytest.fixture
def listening(store: FeatureStore, connected: Sandbox) -> Sandbox:
    """Serve the sandbox to three connected listeners, with a trained model and their listens in the store."""
    store.delete(LISTENERS, {"listener_id": store.read(LISTENERS)["listener_id"][3:].tolist()})
    recordings = read_catalog(store, TRACKS.columns.keys() - {"track_id", "recording_id"}).recordings
    model = fit_model("hybrid", place_by_content(recordings), [])
    FolderRegistry(load_settings().models_dir).save("hybrid", model.save, {}, {})
    fetch_listens(store, connected.settings)
    return connected


def spotify_playlists(store: FeatureStore, sandbox: Sandbox) -> dict[tuple[str, str], tuple[str, list[str]]]:
    """Return what stands in each account now, by listener and playlist: Spotify's id of it and its tracks."""
    found = {}
    for _, listener in store.read(LISTENERS).iterrows():
        client = open_session(store, sandbox.settings, listener)
        for name, kept in json.loads(listener["playlists"]).items():
            found[str(listener["listener_id"]), name] = (kept["id"], client.playlist_entries(kept["id"]))
    return found


def test_every_listener_gets_two_playlists(store: FeatureStore, listening: Sandbox, catalog: pd.DataFrame) -> None:
    """Each of 50 recordings, none that they have played, none twice, each with a reason; as in Spotify."""
    result = run_playlists(listening)
    assert result.exit_code == 0, result.output
    artists = catalog.set_index("track_id")["artists"]
    listens = store.read(LISTENS)
    published = spotify_playlists(store, listening)
    assert len(published) == 2 * len(store.read(LISTENERS))
    for (listener_id, name), (_, tracks) in published.items():
        stored = stored_recommendations(store, listener_id)
        stored = stored[stored["playlist"] == name]
        assert stored["track_id"].tolist() == tracks
        assert stored["rank"].tolist() == list(range(1, LENGTH + 1))
        assert len(set(tracks)) == LENGTH
        played = listens[listens["listener_id"] == listener_id]
        assert not set(tracks) & {*played["track_id"], *played["matched_track_id"].dropna()}
        assert artists[tracks].value_counts().max() <= {"discover": 2, "familiar": LENGTH}[name]
        assert stored["reason"].str.len().gt(0).all()
        assert stored["model"].eq("hybrid@1").all()
        assert (stored["expires_at"] - stored["made_at"] == timedelta(days=30)).all()
        assert stored["title"].notna().all()


def test_familiar_holds_artists_they_play_and_discover_none(
    store: FeatureStore, listening: Sandbox, catalog: pd.DataFrame
) -> None:
    """For every listener and track, unless the run says that it had to widen that."""
    report = json.loads(run_playlists(listening, "--json").stdout)
    artists = catalog.set_index("track_id")["artists"]
    stored, listens = store.read(RECOMMENDATIONS), store.read(LISTENS)
    for one in report["playlists"]:
        mine = stored[(stored["listener_id"] == one["listener_id"]) & (stored["playlist"] == one["playlist"])]
        played = set(listens.loc[listens["listener_id"] == one["listener_id"], "artists"])
        theirs = artists[mine["track_id"]].isin(list(played))
        if one["playlist"] == "familiar":
            assert theirs.all() or "unknown artists" in one["widened"]
        else:
            assert not theirs.any() or "played artists" in one["widened"]


def test_what_had_to_be_widened_is_said_in_spotify_too(store: FeatureStore, listening: Sandbox) -> None:
    """Nobody's taste is of this one year: the description says what came in to fill the playlist."""
    chooser = str(store.read(LISTENERS)["listener_id"].iloc[0])
    update_listener(store, chooser, settings=json.dumps({"playlists": ["familiar"], "decades": [1860]}))
    report = json.loads(run_playlists(listening, "--json").stdout)
    (widened,) = (one["widened"] for one in report["playlists"] if one["listener_id"] == chooser)
    assert "other decades" in widened
    user = next(person.user_id for person in PEOPLE if person.account_id == chooser)
    (playlist,) = listening.service.playlists_of(user).values()
    said = f"To fill it, these came in: {', '.join(widened)}."
    assert said in playlist.description
    assert list(read_kept(store, chooser)["familiar"].widened) == widened


def test_a_listeners_playlists_share_no_track(store: FeatureStore, listening: Sandbox) -> None:
    """What is on the first is new to none of the others."""
    run_playlists(listening)
    served = store.read(SERVED)
    assert not served.duplicated(["listener_id", "track_id"]).any()


def test_what_another_run_made_today_counts_as_served(store: FeatureStore, listening: Sandbox) -> None:
    """Also where it comes later in the order: nothing of it is on the new one, unless the run had to widen that."""
    run_playlists(listening, "--kind", "party")
    report = json.loads(run_playlists(listening, "--kind", "discover", "--json").stdout)
    served = store.read(SERVED).groupby(["listener_id", "playlist"])["track_id"].agg(set)
    held = [one for one in report["playlists"] if "recently served" not in one["widened"]]
    assert held
    for one in held:
        assert served[one["listener_id"], "discover"].isdisjoint(served[one["listener_id"], "party"])


def test_a_second_run_on_the_same_day_ends_in_the_same_playlists(store: FeatureStore, listening: Sandbox) -> None:
    """Nothing is created twice, and what was served today is not taken for yesterday's."""
    first = json.loads(run_playlists(listening, "--json").stdout)
    before = spotify_playlists(store, listening)
    assert json.loads(run_playlists(listening, "--json").stdout)["playlists"] == first["playlists"]
    assert spotify_playlists(store, listening) == before
    assert {one["tracks"] for one in first["playlists"]} == {LENGTH}
    assert first["failed"] == 0


def yesterday(store: FeatureStore) -> None:
    """Turn back the day on which everything was served."""
    day = (NOW - timedelta(days=1)).date().isoformat()
    store.replace(SERVED, store.read(SERVED).assign(served_on=day))


def test_the_next_day_brings_new_tracks_under_the_same_id(store: FeatureStore, listening: Sandbox) -> None:
    """At least 60 % were not on the last one, unless the run says that it had to widen that."""
    run_playlists(listening)
    before = spotify_playlists(store, listening)
    yesterday(store)
    report = json.loads(run_playlists(listening, "--json").stdout)
    after = spotify_playlists(store, listening)
    for one in report["playlists"]:
        key = (one["listener_id"], one["playlist"])
        assert before[key][0] == after[key][0]
        new = set(after[key][1]) - set(before[key][1])
        assert len(new) == one["new"]
        assert one["new"] >= 0.6 * LENGTH or "repeats" in one["widened"]
        assert one["new"] == one["tracks"] or "recently served" in one["widened"]


def test_only_the_kinds_that_were_asked_for(store: FeatureStore, listening: Sandbox) -> None:
    """`--kind` may be repeated; the others stay as they are."""
    result = run_playlists(listening, "--kind", "calm", "--kind", "party", "--json")
    assert result.exit_code == 0, result.output
    made = json.loads(result.stdout)["playlists"]
    assert {one["playlist"] for one in made} == {"calm", "party"}
    assert set(store.read(RECOMMENDATIONS)["playlist"]) == {"calm", "party"}


def test_an_unknown_kind_is_one_clear_line(listening: Sandbox) -> None:
    """It says which there are."""
    result = run_playlists(listening, "--kind", "polka")
    assert isinstance(result.exception, InputError)
    assert "there is no playlist 'polka': choose familiar, discover, focus" in str(result.exception)


def test_a_listener_keeps_the_playlists_of_their_settings(store: FeatureStore, listening: Sandbox) -> None:
    """Everybody else the two that are there by default."""
    chooser = str(store.read(LISTENERS)["listener_id"].iloc[0])
    update_listener(store, chooser, settings=json.dumps({"playlists": ["happy"], "blocked_artists": []}))
    run_playlists(listening)
    names = {listener_id: set() for listener_id in store.read(LISTENERS)["listener_id"]}
    for listener_id, name in spotify_playlists(store, listening):
        names[listener_id].add(name)
    assert names.pop(chooser) == {"happy"}
    assert all(kept == {"familiar", "discover"} for kept in names.values())


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ('{"playlists": ["polka"]}', "there is no playlist 'polka'"),
        ('{"popularity": "loud"}', "their settings cannot be used: popularity"),
        ("not JSON", "their settings cannot be used: JSON"),
    ],
)
def test_settings_that_cannot_be_used_are_said_and_stop_nobody_else(
    store: FeatureStore, listening: Sandbox, settings: str, what: str
) -> None:
    """One line for that listener, and exit status 1."""
    update_listener(store, str(store.read(LISTENERS)["listener_id"].iloc[0]), settings=settings)
    result = run_playlists(listening, "--json")
    assert result.exit_code == 1
    failed, *others = json.loads(result.stdout)["playlists"]
    assert what in failed["status"]
    assert not any(one["failed"] for one in others)


def test_who_must_log_in_again_stops_nobody(
    store: FeatureStore, listening: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Be it that their login is no longer accepted, which is set down, or that a permission was not granted."""
    first, second, third = (PEOPLE_BY_ID[listener_id] for listener_id in store.read(LISTENERS)["listener_id"])
    listening.service.faults.add(AccessExpired(listener=first.user_id))
    with monkeypatch.context() as patched:
        patched.setattr(accounts, "SCOPES", ("user-top-read", "user-read-recently-played", "playlist-read-private"))
        log_in(store, listening.settings, second.user_id)
    result = run_playlists(listening, "--json")
    assert result.exit_code == 0
    status = {(one["listener"], one["status"]) for one in json.loads(result.stdout)["playlists"]}
    assert status >= {(first.name, "must log in again"), (second.name, "must log in again")}
    assert {name for name, said in status if said == "published"} == {third.name}
    known = store.read(LISTENERS).set_index("listener_id")["status"]
    assert known[[first.account_id, second.account_id]].tolist() == ["reconnect", "connected"]


def test_what_is_disliked_never_comes_back(store: FeatureStore, listening: Sandbox) -> None:
    """Nor does it today, when it was on the list a moment ago."""
    run_playlists(listening)
    served = store.read(SERVED)
    disliked = served.drop_duplicates("listener_id")
    store.upsert(FEEDBACK, disliked[["listener_id", "track_id"]].assign(verdict="dislike", made_at=NOW))
    run_playlists(listening)
    again = store.read(SERVED).merge(disliked, on=["listener_id", "track_id"])
    assert again.empty


def test_the_tables_say_what_filters_removed(store: FeatureStore, listening: Sandbox) -> None:
    """Altogether; and for each playlist what it had to be widened by."""
    store.replace(LISTENERS, store.read(LISTENERS).assign(settings='{"playlists": ["familiar"], "decades": [1860]}'))
    shown = run_playlists(listening).stdout
    for heading in ("artists", "published, widened by other decades", "Candidates removed", "unknown artists"):
        assert heading in shown


def test_the_table_names_a_listener_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Beside the first of their playlists, also where somebody else has the same name."""
    served = [Served(listener, "Ann", name, "published") for listener in "ab" for name in ("familiar", "discover")]
    counted = {"calls": 12, "calls_left": 438, "deferred": ["Bo"], "stopped": None}
    turns = {"calls_of": {"a": 7, "b": 5}, "earlier": [], **counted}
    print_served(served, "hybrid@1", turns, [], as_json=False)
    said = capsys.readouterr()
    rows = [line for line in said.out.splitlines() if "published" in line]
    assert ["Ann" in row for row in rows] == [True, False, True, False]
    assert [" 7 " in row or " 5 " in row for row in rows] == [True, False, True, False]
    calls, deferred = said.err.splitlines()
    assert calls == "12 calls of Spotify, 438 left today"
    assert deferred.startswith("deferred to a later run, since today's calls are not enough")
    assert deferred.endswith(": Bo")


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


def assert_two_each(store: FeatureStore, sandbox: Sandbox) -> None:
    """Check that everybody has two playlists, which are the ones that are kept, full and described."""
    kept = spotify_playlists(store, sandbox)
    connected = set(store.read(LISTENERS)["listener_id"])
    assert set(kept) == {(listener_id, name) for listener_id in connected for name in ("familiar", "discover")}
    for person in PEOPLE:
        made = sandbox.service.playlists_of(person.user_id)
        theirs = [playlist for (listener_id, _), playlist in kept.items() if listener_id == person.account_id]
        assert sorted((each, sandbox.service.track_ids(each)) for each in made) == sorted(theirs)
        for playlist in made.values():
            assert len(playlist.entries) == LENGTH
            assert "Made by Segue on" in playlist.description


def test_killed_after_a_creation_the_playlist_is_found_again(
    store: FeatureStore, listening: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spotify has made the playlist and nobody heard the answer: the next run takes that one, and makes no second."""
    process = start_playlists(listening)
    after_a_creation(listening, monkeypatch, process.kill)
    assert process.wait() == -signal.SIGKILL
    assert len(listening.service.state.read().playlists) == 1
    assert run_playlists(listening).exit_code == 0
    assert_two_each(store, listening)


def die_while_publishing(monkeypatch: pytest.MonkeyPatch, *, written: bool) -> None:
    """Let the process end, as if it were killed, just before or just after its first playlist is written."""
    untouched = SpotifyClient.replace_tracks

    def replace_tracks(client: SpotifyClient, playlist_id: str, track_ids: list[str]) -> None:
        if written:
            untouched(client, playlist_id, track_ids)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(SpotifyClient, "replace_tracks", replace_tracks)
        with pytest.raises(KeyboardInterrupt):
            list(service().serve_all())


def service() -> Service:
    """Return what serves the listeners of the test, one kind of playlist each."""
    settings = spotify_settings(load_settings())
    store = open_store(settings.store_url)
    return Service(store, settings, Libraries(settings, read_catalog(store, COLUMNS)), [DISCOVER])


@pytest.mark.parametrize("written", [True, False])
@pytest.mark.parametrize("days", [0, 1])
def test_killed_while_publishing_rotation_goes_on_from_what_spotify_holds(
    store: FeatureStore, listening: Sandbox, monkeypatch: pytest.MonkeyPatch, *, written: bool, days: int
) -> None:
    """Whether the kill came before or after the write, and whether the next run is on the same day or the next."""
    for name, value in environment(listening.port).items():
        monkeypatch.setenv(name, value)
    list(service().serve_all())
    yesterday(store)
    die_while_publishing(monkeypatch, written=written)
    before = spotify_playlists(store, listening)
    if days:
        served = store.read(SERVED)
        earlier = served["served_on"].map(lambda day: (date.fromisoformat(day) - timedelta(days=1)).isoformat())
        store.replace(SERVED, served.assign(served_on=earlier))
    made = list(service().serve_all())
    after = spotify_playlists(store, listening)
    assert store.read(SERVED)["published"].all()
    hit = made[0].listener_id
    for one in made:
        key = (one.listener_id, one.playlist)
        repeated = set(after[key][1]) & set(before[key][1])
        if written and not days and one.listener_id == hit:
            # The same day ends in the same list, killed or not.
            assert after[key] == before[key]
        else:
            assert len(repeated) <= 0.4 * LENGTH or "repeats" in one.widened
            assert one.new == LENGTH - len(repeated)


def test_two_runs_at_once_make_each_playlist_once(store: FeatureStore, listening: Sandbox) -> None:
    """The second waits for the first, and updates what that made."""
    processes = [start_playlists(listening) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    assert_two_each(store, listening)


def test_a_creation_that_is_answered_with_an_error_is_found(
    store: FeatureStore, listening: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The playlist is there although Spotify said 502: it is taken, in the same run."""

    def fail() -> None:
        raise Refusal(502, "Bad gateway.")

    after_a_creation(listening, monkeypatch, fail)
    assert run_playlists(listening).exit_code == 0
    assert_two_each(store, listening)


def person_of(listener_id: str) -> Person:
    """Return the made-up person behind a listener."""
    return next(person for person in PEOPLE if person.account_id == listener_id)


def test_what_was_deleted_does_not_come_back_tonight(store: FeatureStore, listening: Sandbox) -> None:
    """It is read back before anything is recommended: on the same day the rest stays, as far as it can."""
    run_playlists(listening)
    listener_id = str(store.read(LISTENERS)["listener_id"].iloc[0])
    playlist_id, tracks = spotify_playlists(store, listening)[listener_id, "discover"]
    listening.service.remove_track(playlist_id, tracks[0])
    assert run_playlists(listening).exit_code == 0
    said = store.read(FEEDBACK)
    assert said[["listener_id", "track_id", "verdict"]].to_numpy().tolist() == [[listener_id, tracks[0], "dislike"]]
    there = spotify_playlists(store, listening)[listener_id, "discover"][1]
    assert tracks[0] not in there
    assert len(there) == LENGTH


def test_a_removed_playlist_is_reported_and_can_be_brought_back(store: FeatureStore, listening: Sandbox) -> None:
    """It is no failure; the report says how to have it again, and that command does it."""
    run_playlists(listening)
    listener_id = str(store.read(LISTENERS)["listener_id"].iloc[0])
    playlist_id, _ = spotify_playlists(store, listening)[listener_id, "discover"]
    user_id = person_of(listener_id).user_id
    listening.service.unfollow(user_id, playlist_id)
    result = run_playlists(listening, "--json")
    assert result.exit_code == 0
    (left,) = [one for one in json.loads(result.stdout)["playlists"] if one["status"].startswith("removed")]
    assert (left["listener_id"], left["playlist"], left["tracks"]) == (listener_id, "discover", 0)
    assert "segue playlists --bring-back discover" in left["status"]
    assert run_playlists(listening, "--bring-back", "discover", "--listener", listener_id).exit_code == 0
    assert spotify_playlists(store, listening)[listener_id, "discover"][0] == playlist_id
    assert f"spotify:playlist:{playlist_id}" in listening.service.library_of(user_id)
    assert_two_each(store, listening)


def test_bringing_back_needs_a_name_where_several_removed_it(store: FeatureStore, listening: Sandbox) -> None:
    """One of them alone has it again then."""
    run_playlists(listening)
    for (listener_id, name), (playlist_id, _) in spotify_playlists(store, listening).items():
        if name == "discover":
            listening.service.unfollow(person_of(listener_id).user_id, playlist_id)
    run_playlists(listening)
    with pytest.raises(InputError, match=r"removed by 3: name one of .* with --listener"):
        raise run_playlists(listening, "--bring-back", "discover").exception or AssertionError
    name = store.read(LISTENERS)["display_name"].iloc[0]
    assert run_playlists(listening, "--bring-back", "discover", "--listener", name).exit_code == 0
    kept = store.read(LISTENERS).set_index("display_name")["playlists"].map(json.loads)
    assert {of: "removed_at" in playlists["discover"] for of, playlists in kept.items()} == {
        of: of != name for of in kept.index
    }


def test_a_nights_calls_are_said_for_each_listener_and_in_all(store: FeatureStore, listening: Sandbox) -> None:
    """As the sandbox counts them: six at most for two playlists, whatever Segue did for them before."""
    listening.service.requests.clear()
    report = json.loads(run_playlists(listening, "--json").stdout)
    for listener_id in store.read(LISTENERS)["listener_id"]:
        made = listening.service.calls_of(person_of(listener_id).user_id)
        assert report["calls_of"][listener_id] == len(made) <= 6
    assert report["calls"] == sum(report["calls_of"].values())


def test_a_used_up_quota_fails_the_run_and_keeps_what_is_done(store: FeatureStore, listening: Sandbox) -> None:
    """Status 1; the report says why, and who has to wait."""
    listening.service.faults.add(QuotaExceeded(calls="PUT /v1/playlists/*/items", nth=3))
    result = run_playlists(listening, "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert "used up" in report["stopped"]
    assert len(report["deferred"]) == 2
    assert [one["status"] for one in report["playlists"]] == ["published", "published"]
    assert len(set(store.read(RECOMMENDATIONS)["listener_id"])) == 1


def test_with_too_few_calls_the_others_are_deferred(
    store: FeatureStore, listening: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is no failure: the next day begins with them."""
    store.delete(SPOTIFY_CALLS, {"service": "sandbox"})
    monkeypatch.setenv("SEGUE_DAILY_CALLS", "13")
    result = run_playlists(listening, "--json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert len(report["deferred"]) == 1
    assert report["calls"] <= 13
    store.delete(SPOTIFY_CALLS, {"service": "sandbox"})
    again = json.loads(run_playlists(listening, "--json").stdout)
    first = again["playlists"][0]
    assert first["listener"] == report["deferred"][0]


def grant_all(store: FeatureStore, listening: Sandbox, scope: str) -> None:
    """Let everybody grant a further scope."""
    with listening.service.state.changing() as memory:
        for grant in (*memory.refresh_tokens.values(), *memory.access_tokens.values()):
            grant.scope += f" {scope}"
    listeners = store.read(LISTENERS)
    store.replace(LISTENERS, listeners.assign(scopes=listeners["scopes"] + f" {scope}"))


def test_what_they_save_is_a_like_where_that_is_switched_on(
    store: FeatureStore, listening: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what was on their playlists; and what they save and then delete is not disliked."""
    monkeypatch.setenv("SEGUE_SAVED_TRACKS", "1")
    grant_all(store, listening, "user-library-read")
    run_playlists(listening)
    listener_id = str(store.read(LISTENERS)["listener_id"].iloc[0])
    playlist_id, (saved, other, *_) = spotify_playlists(store, listening)[listener_id, "discover"]
    user_id = person_of(listener_id).user_id
    listening.service.save_track(user_id, saved)
    listening.service.save_track(user_id, str(store.read(LISTENS)["track_id"].iloc[0]))
    listening.service.remove_track(playlist_id, saved)
    listening.service.remove_track(playlist_id, other)
    listening.service.requests.clear()
    assert run_playlists(listening).exit_code == 0
    assert len(listening.service.calls_of(user_id)) <= 6
    said = store.read(FEEDBACK).set_index("track_id")["verdict"].to_dict()
    assert said == {saved: "like", other: "dislike"}


def test_covers_are_drawn_where_that_is_switched_on(
    store: FeatureStore, listening: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once for each playlist, with the calls that a night has to spare; the same kind has the same one."""
    monkeypatch.setenv("SEGUE_COVERS", "1")
    grant_all(store, listening, "ugc-image-upload")
    for _ in range(3):
        listening.service.requests.clear()
        assert run_playlists(listening).exit_code == 0
        for person in PEOPLE:
            assert len(listening.service.calls_of(person.user_id)) <= 6
    playlists = listening.service.state.read().playlists
    covers: dict[str, set[str | None]] = {}
    for (_, name), (playlist_id, _) in spotify_playlists(store, listening).items():
        covers.setdefault(name, set()).add(playlists[playlist_id].cover)
    assert all(len(found) == 1 and None not in found for found in covers.values())
    assert covers["familiar"] != covers["discover"]
    listening.service.requests.clear()
    run_playlists(listening)
    assert "PUT /playlists/{playlist_id}/images" not in listening.service.operations()


@pytest.mark.parametrize("name", KINDS)
def test_a_cover_is_a_small_picture(name: str) -> None:
    """A JPEG that Spotify takes, the same every time."""
    jpeg = draw_cover(name)
    assert jpeg == draw_cover(name)
    with Image.open(BytesIO(jpeg)) as image:
        assert (image.format, image.size) == ("JPEG", (640, 640))
    assert len(jpeg) < 100_000


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
    assert store.read(SERVED)["published"].eq(other=written).all()
    assert ("status 502" in result.stdout) != written


def test_one_failure_does_not_stop_the_others(store: FeatureStore, listening: Sandbox) -> None:
    """Who withdrew consent is reported, everybody else is served, and the exit status tells."""
    listeners = store.read(LISTENERS)
    unlucky = str(listeners["listener_id"].iloc[0])
    update_listener(store, unlucky, token="not a token")  # noqa: S106 - that is the point
    result = run_playlists(listening, "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    failed = [one for one in report["playlists"] if one["failed"]]
    assert [one["listener"] for one in failed] == [listeners["display_name"].iloc[0]]
    assert stored_recommendations(store, unlucky).empty
    assert "log in again" in failed[0]["status"]
    assert {one["status"] for one in report["playlists"] if not one["failed"]} == {"published"}
    assert {one["listener_id"] for one in report["playlists"]} == set(listeners["listener_id"])


def test_the_run_is_recorded_without_personal_data(store: FeatureStore, listening: Sandbox) -> None:
    """Counts, and when it began: nobody's name or id is in it."""
    run_playlists(listening)
    (report,) = store.read(RUNS, where={"pipeline": "playlists"})["report"]
    counts = {"listeners", "failed", "playlists", "tracks", "deferred", "calls"}
    assert set(json.loads(report)) == counts | {"model", "began"}


def test_expired_recommendations_are_gone(store: FeatureStore, listening: Sandbox) -> None:
    """A run sweeps them away, and until then nobody is shown them."""
    run_playlists(listening)
    rows = store.read(RECOMMENDATIONS).assign(listener_id="left long ago", expires_at=NOW - timedelta(days=1))
    store.upsert(RECOMMENDATIONS, rows.drop_duplicates("rank"))
    assert stored_recommendations(store, "left long ago").empty
    run_playlists(listening)
    assert "left long ago" not in set(store.read(RECOMMENDATIONS)["listener_id"])


def test_who_is_forgotten_leaves_nothing_behind(store: FeatureStore, listening: Sandbox) -> None:
    """Account, listens, feedback, recommendations, what was served: all gone at once; others keep theirs."""
    run_playlists(listening)
    gone, other, *_ = store.read(LISTENERS)["listener_id"]
    said = {"track_id": "0" * 22, "verdict": "like", "made_at": NOW}
    store.upsert(FEEDBACK, pd.DataFrame([{"listener_id": each, **said} for each in (gone, other)]))
    groups = (LISTENERS, LISTENS, FEEDBACK, RECOMMENDATIONS, SERVED)
    kept = {group.name: store.read(group, where={"listener_id": other}) for group in groups}
    forget(store, gone)
    for group in groups:
        left = store.read(group)
        assert gone not in set(left["listener_id"])
        pd.testing.assert_frame_equal(left[left["listener_id"] == other].reset_index(drop=True), kept[group.name])
        assert not kept[group.name].empty


def test_what_a_killed_forgetting_left_goes_in_the_next_run(store: FeatureStore, listening: Sandbox) -> None:
    """As does what another run was just writing when they left."""
    run_playlists(listening)
    gone = str(store.read(LISTENERS)["listener_id"].iloc[0])
    store.upsert(FEEDBACK, feedback_of((0, "like", 0)).assign(listener_id=gone))
    store.delete(LISTENERS, {"listener_id": gone})
    assert run_playlists(listening).exit_code == 0
    for group in (LISTENS, FEEDBACK, RECOMMENDATIONS, SERVED):
        assert gone not in set(store.read(group)["listener_id"])


def test_a_listener_without_listens_is_no_failure(store: FeatureStore, listening: Sandbox) -> None:
    """It is said what to do, and they have no playlist yet."""
    newcomer = str(store.read(LISTENERS)["listener_id"].iloc[0])
    store.delete(LISTENS, {"listener_id": newcomer})
    result = run_playlists(listening, "--json")
    assert result.exit_code == 0
    statuses = [one["status"] for one in json.loads(result.stdout)["playlists"]]
    assert sum("run `segue listens`" in status for status in statuses) == 1
    assert stored_recommendations(store, newcomer).empty


def test_consent_that_has_ended_is_no_failure(store: FeatureStore, listening: Sandbox) -> None:
    """Whoever withdrew it must log in again and is told so; the others get their playlists, and the night is good."""
    gone, *others = store.read(LISTENERS)["listener_id"]
    listening.service.revoke(gone.removeprefix("sandbox-"))
    result = run_playlists(listening, "--json")
    assert result.exit_code == 0
    rows = json.loads(result.stdout)["playlists"]
    assert [one["status"] for one in rows if one["listener_id"] == gone] == ["must log in again"]
    assert {one["listener_id"] for one in rows if one["tracks"]} == set(others)
    assert store.read(LISTENERS, where={"listener_id": gone})["status"].tolist() == ["reconnect"]


def test_places_in_overlapping_lists_stay_apart(store: FeatureStore, listening: Sandbox) -> None:
    """A person's ranges share many songs; still hardly any two are liked the same, and none beyond 1."""
    assert listening
    for _, listens in store.read(LISTENS).groupby("listener_id"):
        assert listens.loc[listens["source"] != "recently_played", "track_id"].duplicated().sum() > 20
        liked = preferences(listens, feedback_of(), read_catalog(store, ["artists", "album"]), NOW)
        assert liked.nunique() > 0.9 * len(liked)
        assert liked.max() <= 1
        assert (liked == liked.max()).sum() == 1


def test_a_description_fits_into_spotifys_300_characters() -> None:
    """With the date and two songs, cut where a title is endless."""
    today = date(2026, 11, 22)
    short = describe("Artists you have not played", ["Holocene by Bon Iver", "Re: Stacks by Bon Iver"], today)
    assert short == (
        "Artists you have not played, close to Holocene by Bon Iver and Re: Stacks by Bon Iver."
        " Made by Segue on 22 November 2026."
    )
    widened = describe("Songs", ["One by Two"], today, ("other decades", "repeats"))
    assert widened == (
        "Songs, close to One by Two. To fill it, these came in: other decades, repeats."
        " Made by Segue on 22 November 2026."
    )
    endless = describe("Songs", ["x" * 400, "y"], today)
    assert len(endless) == 300
    assert endless.endswith("xxx… Made by Segue on 22 November 2026.")


def test_without_a_model_it_is_one_clear_line(connected: Sandbox) -> None:
    """It says which command comes first."""
    result = run_playlists(connected)
    assert "run `segue train`" in str(result.exception)


def test_one_listener_can_be_served_alone(store: FeatureStore, listening: Sandbox) -> None:
    """By name or id, as when they ask for it in the app; nobody else's calls are spent, nor their day told."""
    ids = store.read(LISTENERS)["listener_id"].tolist()
    name = str(store.read(LISTENERS)["display_name"].iloc[1])
    for asked in (name, ids[1]):
        result = run_playlists(listening, "--listener", asked, "--json")
        assert result.exit_code == 0, result.output
        report = json.loads(result.stdout)
        assert {one["listener_id"] for one in report["playlists"]} == {ids[1]}
    assert set(store.read(RECOMMENDATIONS)["listener_id"]) == {ids[1]}
    assert report["deferred"] == []


def test_serving_somebody_alone_needs_somebody(store: FeatureStore, listening: Sandbox) -> None:
    """Who is not there, and who must log in again, is told apart in one line."""
    with pytest.raises(InputError, match="no listener 'Nobody'"):
        raise run_playlists(listening, "--listener", "Nobody").exception or AssertionError
    listener = store.read(LISTENERS).iloc[0]
    update_listener(store, str(listener["listener_id"]), status="reconnect", token=None)
    with pytest.raises(InputError, match=f"{listener['display_name']} must log in again"):
        raise run_playlists(listening, "--listener", listener["listener_id"]).exception or AssertionError


def test_a_model_that_is_not_there_costs_only_who_wants_it(store: FeatureStore, listening: Sandbox) -> None:
    """In one line; who wants another one that is there has it."""
    first, second, third = store.read(LISTENERS)["listener_id"]
    update_listener(store, first, settings='{"approach": "autoencoder"}')
    update_listener(store, second, settings='{"approach": "audio", "length": 20}')
    recordings = read_catalog(store, TRACKS.columns.keys() - {"track_id", "recording_id"}).recordings
    model = fit_model("audio", place_by_content(recordings), [])
    FolderRegistry(load_settings().models_dir).save("audio", model.save, {}, {})
    report = json.loads(run_playlists(listening, "--json").stdout)
    (failed,) = [one for one in report["playlists"] if one["failed"]]
    assert failed["listener_id"] == first
    assert "no model 'autoencoder'" in failed["status"]
    made = store.read(RECOMMENDATIONS).groupby(["listener_id", "playlist"])["model"].agg(["first", "size"])
    assert made.loc[second].to_numpy().tolist() == [["audio@1", 20]] * 2
    assert made.loc[third].to_numpy().tolist() == [["hybrid@1", LENGTH]] * 2
