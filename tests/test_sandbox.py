"""The sandbox answers as Spotify does now, and its listeners have tastes."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pandas as pd
import pytest
import requests
from sandbox_api import EVERY_SCOPE, Api, new_playlist, uris

from segue.errors import SettingsError
from segue.groups import TRACKS
from segue.runs import recorded_run
from segue.sandbox.address import environment, with_environment
from segue.sandbox.people import PEOPLE
from segue.sandbox.server import Sandbox, serving
from segue.settings import load_settings
from segue.spotify import setup
from segue.store import FeatureStore

pytest_plugins = ("sandbox_fixture",)

ROOT = Path(__file__).parent.parent


# Tastes


def test_listeners_have_tastes_of_their_own(sandbox: Sandbox, catalog: pd.DataFrame) -> None:
    """Everybody plays mostly their own genres; no two people share more than a few tracks."""
    genres = catalog.set_index("track_id")["genres"]
    played = {}
    for person in PEOPLE:
        songs = [song.track_id for song in sandbox.service.world.plays(person.user_id, "long_term")]
        known = genres.reindex(songs).dropna()
        assert known.isin(list(person.taste.genres)).mean() > 0.95
        played[person.user_id] = set(songs)
    assert all(len(played[a] & played[b]) < 10 for a in played for b in played if a < b)


def test_popular_tracks_are_played_most(sandbox: Sandbox, catalog: pd.DataFrame) -> None:
    """Tastes follow popularity within their genres."""
    percentile = catalog.set_index("track_id")["popularity_percentile"]
    for person in PEOPLE:
        songs = [song.track_id for song in sandbox.service.world.plays(person.user_id, "long_term")]
        assert percentile.reindex(songs).mean() > percentile.mean() + 0.15


def test_same_catalog_gives_the_same_lists(api: Api, sandbox: Sandbox) -> None:
    """Another sandbox over the same catalog has the same listeners, down to the order."""
    first = api.ids("/me/top/tracks", time_range="medium_term")
    with serving(sandbox.settings) as other:
        assert Api(other).ids("/me/top/tracks", time_range="medium_term") == first


def test_catalog_may_come_and_change_while_it_runs(
    store: FeatureStore, sandbox: Sandbox, catalog: pd.DataFrame
) -> None:
    """Lists are empty without a catalog, and drawn anew when a new one has been built."""
    api = Api(sandbox)
    store.replace(TRACKS, catalog.head(0))
    assert api.ids("/me/top/tracks") == []
    store.replace(TRACKS, catalog)
    first = api.ids("/me/top/tracks")
    assert first
    with recorded_run(store, "features"):
        store.replace(TRACKS, catalog[~catalog["track_id"].isin(first)])
    assert not set(api.ids("/me/top/tracks")) & (set(first) & set(catalog["track_id"]))


def test_catalog_without_known_genres_is_played_all_the_same(
    store: FeatureStore, sandbox: Sandbox, catalog: pd.DataFrame
) -> None:
    """Where no genre label is known, everybody plays what is popular."""
    store.replace(TRACKS, catalog.assign(genres=None))
    assert len(set(Api(sandbox).ids("/me/top/tracks", limit=50))) == 50


# What Spotify refuses


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/me/top/tracks?limit=51", 400),
        ("GET", "/me/top/tracks?time_range=forever", 400),
        ("GET", "/search?q=tune&type=track&limit=11", 400),
        ("GET", "/search?q=tune&type=song", 400),
        ("GET", "/search?type=track", 400),
        ("GET", "/me/player/recently-played?before=1&after=1", 400),
        ("GET", "/tracks/0000000000000000000000", 404),
        ("GET", "/playlists/0000000000000000000000", 404),
        ("GET", "/no/such/call", 404),
        ("GET", "/audio-features/0000000000000000000000", 403),
        ("GET", "/recommendations?seed_genres=folk", 403),
        ("GET", "/tracks?ids=0000000000000000000000", 403),
        ("POST", "/users/juniper/playlists", 403),
        ("PUT", "/playlists/0000000000000000000000/tracks", 403),
    ],
)
def test_refusals(api: Api, method: str, path: str, status: int) -> None:
    """Wrong and removed calls are refused with an error object that repeats the status."""
    answer = api(method, path)
    assert answer.status_code == status
    assert answer.json()["error"]["status"] == status


def test_tokens_are_needed_valid_and_in_date(sandbox: Sandbox, api: Api) -> None:
    """No token, an unknown one and an expired one are each 401."""
    url = f"{api.base}/me"
    assert requests.get(url, timeout=20).json()["error"]["message"] == "No token provided"
    stale = {"Authorization": "Bearer unknown"}
    assert requests.get(url, headers=stale, timeout=20).json()["error"]["message"] == "Invalid access token"
    token = api.headers["Authorization"].removeprefix("Bearer ")
    sandbox.service.state.read().access_tokens[token].expires_at = datetime.now(timezone.utc) - timedelta(seconds=1)
    answer = api("GET", "/me")
    assert (answer.status_code, answer.json()["error"]["message"]) == (401, "The access token expired")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/me/top/tracks", "user-top-read"),
        ("GET", "/me/player/recently-played", "user-read-recently-played"),
        ("GET", "/me/playlists", "playlist-read-private"),
        ("POST", "/me/playlists", "playlist-modify-private"),
    ],
)
def test_scopes_are_checked(sandbox: Sandbox, method: str, path: str, scope: str) -> None:
    """A call works with its scope and is 403 with every other one."""
    body = {"json": {"name": "Mine", "public": False}} if method == "POST" else {}
    assert Api(sandbox, scope=scope)(method, path, **body).ok
    others = EVERY_SCOPE.replace(scope, "")
    assert Api(sandbox, scope=others)(method, path, **body).json()["error"]["message"] == "Insufficient client scope"


def test_playlists_belong_to_somebody(sandbox: Sandbox, api: Api) -> None:
    """Only the owner reads or writes a playlist's items."""
    playlist_id = new_playlist(api)
    stranger = Api(sandbox, "marcus")
    for call in (("GET", "/items"), ("PUT", "/items")):
        assert stranger(call[0], f"/playlists/{playlist_id}{call[1]}", json={"uris": []}).status_code == 403
    assert stranger("PUT", f"/playlists/{playlist_id}", json={"name": "Hers"}).status_code == 403
    assert api("GET", "/me/playlists").json()["total"] == 1
    assert stranger("GET", "/me/playlists").json()["total"] == 0


def test_writes_have_limits(api: Api, catalog: pd.DataFrame) -> None:
    """More than 100 URIs and malformed ones are 400, a dead one is 502, and nothing is written."""
    path = f"/playlists/{new_playlist(api)}/items"
    assert api("PUT", path, json={"uris": uris(catalog, 101)}).status_code == 400
    assert api("PUT", path, json={"uris": ["spotify:track:short"]}).status_code == 400
    assert api("PUT", path, json=uris(catalog, 1)).status_code == 400
    assert api("POST", path, json={"uris": [*uris(catalog, 1), "spotify:track:" + "0" * 22]}).status_code == 502
    assert api("GET", path).json()["total"] == 0
    assert api("POST", "/me/playlists", json={"name": ""}).status_code == 400
    assert api("POST", "/me/playlists", json={"name": "Mine", "description": "x" * 301}).status_code == 400


# What Spotify answers


def test_pages_link_to_one_another(api: Api, catalog: pd.DataFrame) -> None:
    """Following the absolute `next` links yields everything once, and `previous` leads back."""
    path = f"/playlists/{new_playlist(api)}/items"
    api("PUT", path, json={"uris": uris(catalog, 95)})
    page = api("GET", path, params={"limit": 40}).json()
    found = [entry["item"]["uri"] for entry in page["items"]]
    while page["next"]:
        page = api("GET", page["next"]).json()
        found += [entry["item"]["uri"] for entry in page["items"]]
    assert found == uris(catalog, 95)
    assert api("GET", page["previous"]).json()["offset"] == 40


def test_items_go_where_they_are_put(api: Api, catalog: pd.DataFrame) -> None:
    """Items are appended, or inserted at a position."""
    path = f"/playlists/{new_playlist(api)}/items"
    a, b, c = uris(catalog, 3)
    api("PUT", path, json={"uris": [a]})
    api("POST", path, json={"uris": [b]})
    assert api("POST", path, json={"uris": [c], "position": 1}).status_code == 201
    assert [entry["item"]["uri"] for entry in api("GET", path).json()["items"]] == [a, c, b]


def test_track_that_left_the_catalog_is_null(store: FeatureStore, api: Api, catalog: pd.DataFrame) -> None:
    """An entry whose track is gone stays, with a null item."""
    path = f"/playlists/{new_playlist(api)}/items"
    api("PUT", path, json={"uris": uris(catalog, 2)})
    with recorded_run(store, "features"):
        store.replace(TRACKS, catalog[1:])
    first, second = api("GET", path).json()["items"]
    assert first["item"] is None
    assert second["item"]["uri"] == uris(catalog, 2)[1]


def test_trailing_slash_makes_no_difference(api: Api) -> None:
    """`me/` is `me`, without a redirect."""
    assert api("GET", "/me/", allow_redirects=False).json() == api("GET", "/me").json()


def test_search_finds_titles_artists_and_isrcs(api: Api, catalog: pd.DataFrame) -> None:
    """All words must occur, in the title or the artists; an ISRC finds its track."""
    track = catalog[catalog["isrc"].notna()].iloc[5]
    for query in (f"{track['title']} {track['artists']}", f"isrc:{track['isrc']}"):
        answer = api("GET", "/search", params={"q": query, "type": "track,album"}).json()
        assert track["track_id"] in [item["id"] for item in answer["tracks"]["items"]]
        assert answer["albums"]["items"] == []


def test_memory_survives_a_restart(api: Api, sandbox: Sandbox, catalog: pd.DataFrame) -> None:
    """Tokens and playlists are there for the next sandbox, and for one that runs beside this one."""
    playlist_id = new_playlist(api, description="kept")
    with serving(sandbox.settings) as other:
        neighbor = Api(other)
        neighbor.headers = api.headers
        assert neighbor("GET", f"/playlists/{playlist_id}").json()["description"] == "kept"
        neighbor("PUT", f"/playlists/{playlist_id}/items", json={"uris": uris(catalog, 2)})
    assert sandbox.service.track_ids(playlist_id) == list(catalog["track_id"][:2])


def test_damaged_memory_is_a_clear_error(sandbox: Sandbox) -> None:
    """A file that is something else is named, and left alone."""
    path = sandbox.settings.var / "sandbox.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text("{")
    with pytest.raises(SettingsError, match=r"sandbox\.json is not the sandbox's memory"), serving(load_settings()):
        pass


# The command


def segue(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the console program."""
    command = [sys.executable, "-m", "segue", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_command_runs_against_the_sandbox_and_gives_its_status() -> None:
    """The command finds the sandbox in its environment, with listeners connected; its exit status is passed on."""
    program = (
        "import os, sys, requests\n"
        "assert requests.get(os.environ['SPOTIFY_API_URL'] + 'me').status_code == 401\n"
        "print(os.environ['SPOTIFY_CLIENT_ID']); sys.exit(7)"
    )
    result = segue("sandbox", "--", sys.executable, "-c", program)
    assert (result.returncode, result.stdout) == (7, "segue-sandbox\n")
    assert result.stderr == f"sandbox: {len(PEOPLE)} made-up listeners connected\n"
    again = segue("sandbox", "--", sys.executable, "-c", "")
    assert (again.returncode, again.stderr) == (0, "sandbox: listeners are connected\n")


def test_made_up_listeners_stay_out_of_a_store_that_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a Spotify app is set up, its nightly jobs and its pages would meet them."""
    monkeypatch.setenv("SPOTIFY_CLIENT_ID", "0" * 32)
    monkeypatch.setenv("SEGUE_STORE", "postgresql://nobody@127.0.0.1:9/none")
    result = segue("sandbox", "--", sys.executable, "-c", "")
    assert result.returncode == 1
    assert result.stderr.startswith("error: SEGUE_STORE is shared with real listeners")
    assert "SEGUE_STORE=sqlite:///" in result.stderr


def test_command_runs_against_the_faults_of_a_plan(tmp_path: Path) -> None:
    """They begin once the listeners are connected."""
    plan = tmp_path / "plan.toml"
    plan.write_text("[[rules]]\nfault = 'error-page'\ncalls = '* /**'\nstatus = 599\n")
    program = (
        "import os, requests\n"
        "assert requests.get(os.environ['SPOTIFY_API_URL'] + 'me').status_code == 599\n"
        "assert requests.post(os.environ['SPOTIFY_ACCOUNTS_URL'] + '/api/token').status_code == 599\n"
    )
    result = segue("sandbox", "--faults", str(plan), "--", sys.executable, "-c", program)
    assert (result.returncode, result.stderr) == (0, f"sandbox: {len(PEOPLE)} made-up listeners connected\n")


def test_a_bad_plan_ends_before_anything_begins(tmp_path: Path) -> None:
    """One line, and nothing is served or connected."""
    plan = tmp_path / "plan.toml"
    plan.write_text("[[rules]]\nfault = 'fire'\n")
    result = segue("sandbox", "--faults", str(plan), "--", sys.executable, "-c", "")
    assert result.returncode == 1
    assert result.stderr.startswith(f"error: {plan}: rule 1: Input tag 'fire' found")
    assert result.stderr.count("\n") == 1


def test_unknown_command_is_a_clear_error() -> None:
    """A command that does not exist is named in one line."""
    result = segue("sandbox", "--", "no-such-program")
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("error: no command 'no-such-program'")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_foreground_stops_cleanly(number: signal.Signals) -> None:
    """Without a command it serves until Ctrl-C or SIGTERM, and ends with status 0."""
    command = [sys.executable, "-m", "segue", "sandbox", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "made-up listeners connected" in process.stderr.readline()
        line = process.stderr.readline()
        origin = line.split()[1].rstrip(",")
        assert requests.get(f"{origin}/v1/me", timeout=20).status_code == 401
        process.send_signal(number)
        assert process.wait(20) == 0
        assert process.stderr.read() == ""


def test_taken_port_is_a_clear_error() -> None:
    """A port that is in use is named in one line."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = segue("sandbox", "--port", str(taken.getsockname()[1]))
    assert result.returncode == 1
    assert "is taken: name a free one with --port" in result.stderr


# Finding it


def test_running_sandbox_is_found(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nothing is set up, a sandbox at the usual port is used, and said so."""
    monkeypatch.setattr(setup, "DEFAULT_PORT", sandbox.port)
    bare = load_settings()
    assert bare.spotify_service == "spotify"
    found = setup.spotify_settings(bare)
    assert found == sandbox.settings
    assert found.spotify_service == "sandbox"
    assert f"using the sandbox at port {sandbox.port}" in capsys.readouterr().err


def test_nothing_set_up_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an app and a sandbox, one line names both ways out; another program at the port is no sandbox."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    monkeypatch.setattr(setup, "DEFAULT_PORT", port)
    with pytest.raises(SettingsError, match="as in `segue sandbox -- segue app`, or set SPOTIFY_CLIENT_ID and"):
        setup.spotify_settings(load_settings())


def test_half_a_setup_is_a_clear_error() -> None:
    """An id without its secret, and one server without the other, are mistakes."""
    with pytest.raises(SettingsError, match="only one of them is there"):
        setup.spotify_settings(with_environment(load_settings(), {"SPOTIFY_CLIENT_ID": "app"}))
    only_api = {"SPOTIFY_API_URL": environment(1)["SPOTIFY_API_URL"]}
    with pytest.raises(SettingsError, match="SPOTIFY_ACCOUNTS_URL, or neither"):
        setup.spotify_settings(with_environment(load_settings(), only_api))


def test_addresses_of_a_sandbox_are_enough() -> None:
    """Whoever names a sandbox's two addresses need not know its app."""
    addresses = {name: url for name, url in environment(1).items() if name.endswith("S_URL") or "API" in name}
    assert setup.spotify_settings(with_environment(load_settings(), addresses)).spotify_client_id == "segue-sandbox"
