"""Fetching what listeners play, through the real client, from the real sandbox."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from logging_in import log_in
from typer.testing import CliRunner, Result

from feature_pipeline.cli import program
from feature_pipeline.listens import fetch_listens
from segue.errors import InputError, SegueError
from segue.groups import LISTENERS, LISTENS, RUNS
from segue.sandbox import bodies
from segue.sandbox.address import environment, with_environment
from segue.sandbox.connect import connect_people
from segue.sandbox.faults import AccessExpired
from segue.sandbox.people import PEOPLE
from segue.sandbox.server import Sandbox, serving
from segue.sandbox.songs import Song, spotify_id
from segue.settings import load_settings
from segue.spotify import accounts
from segue.spotify.listeners import ask_to_log_in, update_listener
from segue.store import FeatureStore

pytest_plugins = ("sandbox_fixture",)

SOURCES = {"short_term", "medium_term", "long_term", "recently_played"}
WAYS = ("id", "isrc", "title", "artist", "none")


def command(sandbox: Sandbox, *arguments: str) -> Result:
    """Run `listens` as from the command line."""
    return CliRunner().invoke(program, ["listens", *arguments], env=environment(sandbox.port))


def test_every_listener_is_fetched(store: FeatureStore, connected: Sandbox, catalog: pd.DataFrame) -> None:
    """All four lists of everybody end in the store, ranked from 1, matched, with a time to live of 30 days."""
    fetch_listens(store, connected.settings)
    listens = store.read(LISTENS)
    assert set(listens["listener_id"]) == {person.account_id for person in PEOPLE}
    for _, rows in listens.groupby(["listener_id", "source"]):
        assert sorted(rows["rank"]) == list(range(1, len(rows) + 1))
    tops = listens[listens["source"] != "recently_played"]
    assert (tops.groupby(["listener_id", "source"]).size() == 50).all()
    assert set(listens["source"]) == SOURCES
    assert (listens["expires_at"] - listens["fetched_at"] == timedelta(days=30)).all()
    assert set(listens["matched_track_id"].dropna()) <= set(catalog["track_id"])


def test_every_way_of_matching_occurs(store: FeatureStore, connected: Sandbox, catalog: pd.DataFrame) -> None:
    """The sandbox plays other releases, ISRC twins, missing songs and unknown artists; each is matched as it should."""
    fetch_listens(store, connected.settings)
    listens = store.read(LISTENS).drop_duplicates("track_id")
    in_catalog = listens["track_id"].isin(catalog["track_id"])
    assert ((listens["matched_by"] == "id") == in_catalog).all()
    assert 0.55 < in_catalog.mean() < 0.85
    assert set(listens["matched_by"]) == set(WAYS)
    by_title = listens[listens["matched_by"] == "title"]
    titles = catalog.set_index("track_id")["title"].loc[by_title["matched_track_id"]]
    assert all(played.startswith(title) for played, title in zip(by_title["title"], titles, strict=True))


def test_coverage_is_what_the_rows_say(store: FeatureStore, connected: Sandbox) -> None:
    """The shares that are stored and reported are those of the different tracks in the store, and add up to one."""
    report = fetch_listens(store, connected.settings)
    listeners = store.read(LISTENERS).set_index("listener_id")
    for listener_id, rows in store.read(LISTENS).groupby("listener_id"):
        tracks = rows.drop_duplicates("track_id")
        coverage = json.loads(listeners.loc[listener_id, "coverage"])
        assert coverage["tracks"] == len(tracks)
        for way in WAYS:
            assert coverage[way] == pytest.approx((tracks["matched_by"] == way).mean(), abs=1e-4)
        name = listeners.loc[listener_id, "display_name"]
        assert {"listener": name, "calls": 4, **coverage} in report["listeners"]


def test_a_listener_costs_five_calls(store: FeatureStore, connected: Sandbox) -> None:
    """One refresh and four lists, nothing else."""
    connected.service.requests.clear()
    fetch_listens(store, connected.settings)
    assert len(connected.service.requests) == 5 * len(PEOPLE)
    assert set(connected.service.requests) == {
        "POST /api/token",
        "GET /v1/me/top/tracks",
        "GET /v1/me/player/recently-played",
    }


def test_running_again_changes_nothing_but_the_time(store: FeatureStore, connected: Sandbox) -> None:
    """The same lists give the same rows."""
    times = ["fetched_at", "expires_at"]
    fetch_listens(store, connected.settings)
    first = store.read(LISTENS)
    fetch_listens(store, connected.settings)
    second = store.read(LISTENS)
    pd.testing.assert_frame_equal(first.drop(columns=times), second.drop(columns=times))
    assert (second["fetched_at"] > first["fetched_at"]).all()


def test_one_failure_does_not_stop_the_others(store: FeatureStore, connected: Sandbox) -> None:
    """Whoever withdrew consent must log in again and keeps what was known; all others are fetched: a good night."""
    fetch_listens(store, connected.settings)
    before = store.read(LISTENS, where={"listener_id": "sandbox-theo"})
    connected.service.revoke("theo")
    result = command(connected)
    assert result.exit_code == 0
    assert "Theo Marchetti: must log in again" in result.stderr
    assert store.read(LISTENERS, where={"listener_id": "sandbox-theo"})["status"].tolist() == ["reconnect"]
    assert all(person.name in result.stdout for person in PEOPLE if person.user_id != "theo")
    pd.testing.assert_frame_equal(store.read(LISTENS, where={"listener_id": "sandbox-theo"}), before)
    others = store.read(LISTENS)
    assert (others.loc[others["listener_id"] != "sandbox-theo", "fetched_at"] > before["fetched_at"].iloc[0]).all()


def test_a_bug_met_by_one_listener_does_not_stop_the_others(
    store: FeatureStore, connected: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is wrong with what Spotify says of one of them: that one is named, all others are fetched."""
    world = connected.service.world
    plays = world.plays

    def strange(user_id: str, source: str) -> list[Song]:
        songs = plays(user_id, source)
        return [replace(song, artists=(5,)) for song in songs] if user_id == "theo" else songs

    monkeypatch.setattr(world, "plays", strange)
    monkeypatch.setattr(bodies, "spotify_id", lambda *parts: spotify_id(*map(str, parts)))
    report = fetch_listens(store, connected.settings)
    assert [one["listener"] for one in report["failed"]] == ["Theo Marchetti"]
    assert "unexpected TypeError" in report["failed"][0]["error"]
    assert len(report["listeners"]) == len(PEOPLE) - 1


def test_who_must_log_in_is_left_alone(store: FeatureStore, connected: Sandbox) -> None:
    """A consent that had ended before costs no call and fails no run, but is mentioned."""
    update_listener(store, "sandbox-theo", status="reconnect", token=None)
    connected.service.requests.clear()
    result = command(connected)
    assert result.exit_code == 0
    assert "Theo Marchetti: must log in again" in result.stderr
    assert len(connected.service.requests) == 5 * (len(PEOPLE) - 1)


def test_who_granted_too_little_must_log_in_again(
    store: FeatureStore, connected: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And grant the rest: for the others it is a good night."""
    with monkeypatch.context() as patched:
        patched.setattr(accounts, "SCOPES", ("user-top-read",))
        log_in(store, connected.settings, "theo")
    report = fetch_listens(store, connected.settings)
    assert (report["must_log_in"], report["failed"]) == (["Theo Marchetti"], [])
    assert len(report["listeners"]) == len(PEOPLE) - 1


def test_a_login_that_spotify_no_longer_accepts_is_set_down(store: FeatureStore, connected: Sandbox) -> None:
    """A fresh token was refused, too: from then on it costs no call, until they log in again."""
    connected.service.faults.add(AccessExpired(listener="theo"))
    assert fetch_listens(store, connected.settings)["must_log_in"] == ["Theo Marchetti"]
    theo = store.read(LISTENERS, where={"listener_id": "sandbox-theo"}).iloc[0]
    assert (theo["status"], pd.isna(theo["token"])) == ("reconnect", True)
    connected.service.requests.clear()
    assert fetch_listens(store, connected.settings)["must_log_in"] == ["Theo Marchetti"]
    assert len(connected.service.requests) == 5 * (len(PEOPLE) - 1)


def test_a_login_that_comes_meanwhile_stays(store: FeatureStore, connected: Sandbox) -> None:
    """What is set down is about the login that was refused, and no other."""
    before = store.read(LISTENERS, where={"listener_id": "sandbox-theo"}).iloc[0]
    log_in(store, connected.settings, "theo")
    ask_to_log_in(store, before)
    assert store.read(LISTENERS, where={"listener_id": "sandbox-theo"})["status"].tolist() == ["connected"]


def test_consent_that_ends_soon_is_said(store: FeatureStore, connected: Sandbox) -> None:
    """In the table's notes and in `--json`, of whom it concerns and of nobody else."""
    given = pd.Timestamp.now("UTC") - pd.DateOffset(months=6) + timedelta(days=5, hours=1)
    update_listener(store, "sandbox-theo", consented_at=given)
    assert "Theo Marchetti: consent ends in 5 days" in command(connected).stderr
    (warning,) = json.loads(command(connected, "--json").stdout)["consent"]
    assert (warning["listener"], warning["days"], warning["urgent"]) == ("Theo Marchetti", 5, True)


def test_rows_past_their_time_are_purged(store: FeatureStore, connected: Sandbox) -> None:
    """What has expired goes, whoever's it is and whether or not they can still be fetched."""
    fetch_listens(store, connected.settings)
    rows = store.read(LISTENS)
    old = (rows["listener_id"] == "sandbox-theo") & (rows["source"] == "long_term")
    rows.loc[old, "expires_at"] = pd.Timestamp.now("UTC") - timedelta(seconds=1)
    store.replace(LISTENS, rows)
    update_listener(store, "sandbox-theo", status="reconnect", token=None)
    assert fetch_listens(store, connected.settings)["expired"] == 50
    left = store.read(LISTENS, where={"listener_id": "sandbox-theo"})
    assert set(left["source"]) == SOURCES - {"long_term"}


def test_record_of_the_run_is_impersonal(store: FeatureStore, connected: Sandbox) -> None:
    """The record holds counts, and nobody's name or track."""
    fetch_listens(store, connected.settings)
    (report,) = store.read(RUNS, where={"pipeline": "listens"})["report"]
    counts = {"listeners", "failed", "must_log_in", "tracks", "expired", "deferred", "stopped", "calls"}
    assert json.loads(report).keys() == counts | {"token_requests"}
    assert all(isinstance(count, int) for count in json.loads(report).values())


def test_listeners_without_plays(store: FeatureStore, catalog: pd.DataFrame, tmp_path: Path) -> None:
    """A new account has played nothing: nothing is stored, and nothing fails."""
    assert len(catalog)
    nothing_to_play = {"SEGUE_STORE": f"sqlite:///{tmp_path / 'empty.db'}"}
    with serving(with_environment(load_settings(), nothing_to_play)) as quiet:
        connect_people(store, quiet.settings)
        report = fetch_listens(store, quiet.settings)
    assert report["failed"] == []
    assert [set(of.values()) for of in report["listeners"]] == [{of["listener"], 4, 0} for of in report["listeners"]]
    assert store.read(LISTENS).empty


def test_no_catalog_is_a_clear_error(store: FeatureStore, sandbox: Sandbox) -> None:
    """Matching needs a catalog: the message names the command that makes one."""
    connect_people(store, sandbox.settings)
    with pytest.raises(InputError, match="run `segue features` first"):
        fetch_listens(store, sandbox.settings)


def test_no_listeners_is_no_error(store: FeatureStore, sandbox: Sandbox) -> None:
    """With nobody connected there is nothing to do, and a note says what to try."""
    result = command(sandbox)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "segue sandbox -- segue nightly" in result.stderr
    assert store.read(LISTENS).empty


def test_no_app_is_a_clear_error() -> None:
    """Without an app and a sandbox, one line says how to get either."""
    result = CliRunner().invoke(program, ["listens"], env={"SPOTIFY_CLIENT_ID": "half an app"})
    assert isinstance(result.exception, SegueError)
    assert "set both SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET" in str(result.exception)


def test_table_and_json_agree(connected: Sandbox) -> None:
    """The table shows each listener with the shares that `--json` gives."""
    report = json.loads(command(connected, "--json").stdout)
    table = command(connected).stdout
    for listener in report["listeners"]:
        (row,) = [line for line in table.splitlines() if listener["listener"] in line]
        assert [cell.strip() for cell in row.strip("│ ").split("│")] == [
            listener["listener"],
            str(listener["calls"]),
            str(listener["tracks"]),
            *(f"{listener[way]:.0%}" for way in WAYS),
        ]


def test_one_listener_can_be_fetched_alone(store: FeatureStore, connected: Sandbox, catalog: pd.DataFrame) -> None:  # noqa: ARG001 - what is matched with
    """By id or name; of the others nothing is fetched, and nothing is said."""
    listener = store.read(LISTENERS).iloc[0]
    for asked in (listener["listener_id"], listener["display_name"]):
        result = command(connected, "--listener", asked, "--json")
        assert result.exit_code == 0, result.output
        report = json.loads(result.stdout)
        assert [of["listener"] for of in report["listeners"]] == [listener["display_name"]]
        assert report["deferred"] == report["must_log_in"] == []
    assert set(store.read(LISTENS)["listener_id"]) == {listener["listener_id"]}
