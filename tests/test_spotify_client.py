"""The Web API client: against the sandbox where it works, against a scripted server where it does not."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pandas as pd
import pytest

from segue.errors import (
    AuthorizationExpiredError,
    NotFoundError,
    RateLimitedError,
    SpotifyError,
    UnavailableError,
)
from segue.sandbox.address import at_sandbox
from segue.sandbox.server import Sandbox
from segue.settings import load_settings
from segue.spotify import client as client_module
from segue.spotify.accounts import SCOPES
from segue.spotify.client import SpotifyClient
from segue.spotify.played import PlayedTrack

pytest_plugins = ("sandbox_fixture",)

PLAYLIST = "37i9dQZF1DX0XUsuxWHRQd"


@pytest.fixture
def client(connected: Sandbox) -> SpotifyClient:
    """Return a client that acts for Juniper."""
    return SpotifyClient(connected.service.grant_access("juniper", " ".join(SCOPES)), connected.settings)


def test_profile(client: SpotifyClient) -> None:
    """The profile carries the immutable id by which listeners are keyed."""
    assert client.me()["account_id"] == "sandbox-juniper"


def test_top_tracks_of_all_ranges(client: SpotifyClient) -> None:
    """Each range has 50 different tracks; the ranges differ and overlap."""
    ranges = [client.top_tracks(each) for each in ("short_term", "medium_term", "long_term")]
    ids = [{track.track_id for track in tracks} for tracks in ranges]
    assert [len(each) for each in ids] == [50, 50, 50]
    assert 0 < len(ids[0] & ids[2]) < 50
    assert all(track.title and track.artists for tracks in ranges for track in tracks)
    assert any(track.isrc for track in ranges[0])


def test_recently_played(client: SpotifyClient) -> None:
    """Fifty plays, some of the same track."""
    plays = client.recently_played()
    assert len(plays) == 50
    assert 1 < len(set(plays)) < 50


def test_playlist_is_written_in_place(client: SpotifyClient, connected: Sandbox, catalog: pd.DataFrame) -> None:
    """A playlist is created once, hidden, then renamed and rewritten; it holds exactly what was written, in order."""
    playlist_id = client.create_playlist("Segue", "made today")
    first, second = catalog["track_id"].to_list()[:250], catalog["track_id"].to_list()[300:330]
    client.replace_tracks(playlist_id, first)
    assert client.playlist_track_ids(playlist_id) == first
    client.replace_tracks(playlist_id, second)
    client.describe_playlist(playlist_id, "Segue again", "made tomorrow")
    assert client.playlist_track_ids(playlist_id) == second
    (kept,) = connected.service.playlists_of("juniper").values()
    assert (kept.name, kept.description, kept.public) == ("Segue again", "made tomorrow", False)


def test_playlist_can_be_emptied(client: SpotifyClient, catalog: pd.DataFrame) -> None:
    """No tracks is a list of tracks too."""
    playlist_id = client.create_playlist("Segue", "")
    client.replace_tracks(playlist_id, catalog["track_id"].to_list()[:3])
    client.replace_tracks(playlist_id, [])
    assert client.playlist_track_ids(playlist_id) == []


def test_a_playlist_is_found_by_its_description(client: SpotifyClient) -> None:
    """On whatever page of the list it stands; what nobody wrote is not found."""
    first = client.create_playlist("Segue", "marked 1234")
    for number in range(60):
        client.create_playlist("Segue", f"other {number}")
    assert client.find_playlist("1234") == first
    assert client.find_playlist("5678") is None


def test_writes_go_in_hundreds(client: SpotifyClient, connected: Sandbox, catalog: pd.DataFrame) -> None:
    """The first hundred replace, each further hundred is one call."""
    playlist_id = client.create_playlist("Segue", "")
    connected.service.requests.clear()
    client.replace_tracks(playlist_id, catalog["track_id"].to_list()[:201])
    path = f"/v1/playlists/{playlist_id}/items"
    assert list(connected.service.requests) == [f"PUT {path}", f"POST {path}", f"POST {path}"]


def test_dead_track_fails_the_write(client: SpotifyClient, catalog: pd.DataFrame) -> None:
    """One dead track makes Spotify answer 502, and the playlist stays as it was."""
    playlist_id = client.create_playlist("Segue", "")
    alive = catalog["track_id"].to_list()[:5]
    client.replace_tracks(playlist_id, alive)
    with pytest.raises(UnavailableError, match="status 502"):
        client.replace_tracks(playlist_id, [*alive, "0" * 22])
    assert client.playlist_track_ids(playlist_id) == alive


def test_unknown_playlist(client: SpotifyClient) -> None:
    """A playlist that is gone is reported as that."""
    with pytest.raises(NotFoundError, match="could not write a playlist"):
        client.replace_tracks(PLAYLIST, [])


def test_unknown_token(connected: Sandbox) -> None:
    """A token that Spotify does not accept asks for a login, and does not appear in the message."""
    with pytest.raises(AuthorizationExpiredError, match="log in again") as raised:
        SpotifyClient("stale", connected.settings).me()
    assert "stale" not in str(raised.value)


def test_missing_scope(connected: Sandbox) -> None:
    """A permission that was not granted is named as the reason."""
    client = SpotifyClient(connected.service.grant_access("juniper", "user-top-read"), connected.settings)
    with pytest.raises(SpotifyError, match="has not granted this permission"):
        client.recently_played()


@dataclass
class Script:
    """A server that answers whatever it is told to, and counts the calls."""

    port: int
    status: int = 200
    body: str = "{}"
    headers: dict[str, str] = field(default_factory=dict)
    calls: int = 0
    go: Event = field(default_factory=Event)


@pytest.fixture
def script() -> Iterator[Script]:
    """Serve a script."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            script.calls += 1
            script.go.wait(10)
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(script.status)
            for name, value in {**script.headers, "Content-Length": str(len(script.body.encode()))}.items():
                self.send_header(name, value)
            # Where the test is about a time-out, nobody listens any more.
            with suppress(BrokenPipeError):
                self.end_headers()
                self.wfile.write(script.body.encode())

        do_GET = do_POST = do_PUT = answer  # noqa: N815 - names that http.server prescribes

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        script = Script(server.server_port)
        script.go.set()
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield script
        script.go.set()
        server.shutdown()
        thread.join()


def scripted(script: Script) -> SpotifyClient:
    """Return a client of the scripted server."""
    return SpotifyClient("secret-token", at_sandbox(load_settings(), script.port))


def error(message: str, status: int, **more: Any) -> str:
    """Return an error body as the Web API writes it."""
    return json.dumps({"error": {"status": status, "message": message, **more}})


@pytest.mark.parametrize(
    ("status", "body", "kind", "says"),
    [
        (401, error("The access token expired", 401), AuthorizationExpiredError, "log in again"),
        (403, error("Active premium subscription required for the owner of the app", 403), SpotifyError, "Premium"),
        (403, "User not registered in the Developer Dashboard", SpotifyError, "add them to the app's users"),
        (403, error("Something new", 403), SpotifyError, r"forbids it \(Something new\)"),
        (404, error("Resource not found", 404), NotFoundError, "does not have it"),
        (400, error("Invalid track uri", 400), SpotifyError, "status 400: Invalid track uri"),
        (429, error("API rate limit exceeded", 429), RateLimitedError, "wants fewer calls; run this again later"),
        (500, "", UnavailableError, "in trouble"),
        (503, json.dumps({"error": "down"}), SpotifyError, "Spotify refused without saying why"),
        (200, "<html>", UnavailableError, "not JSON"),
    ],
)
def test_refusals_say_what_to_do(script: Script, status: int, body: str, kind: type[Exception], says: str) -> None:
    """Each way to fail becomes one line that says what to do, after a single call."""
    script.status, script.body = status, body
    with pytest.raises(kind, match=says) as raised:
        scripted(script).me()
    assert "\n" not in str(raised.value)
    assert "secret-token" not in str(raised.value)
    assert script.calls == 1


def test_wait_of_a_rate_limit_is_known(script: Script) -> None:
    """The wait that Spotify asks for is passed on, however long, and nothing sleeps meanwhile."""
    script.status, script.body, script.headers = 429, error("Too many", 429), {"Retry-After": "50000"}
    with pytest.raises(RateLimitedError, match="in 50000 seconds") as raised:
        scripted(script).top_tracks("long_term")
    assert raised.value.wait == 50000


@pytest.mark.parametrize(
    "write",
    [
        lambda client: client.create_playlist("Segue", ""),
        lambda client: client.replace_tracks(PLAYLIST, ["0" * 22]),
        lambda client: client.describe_playlist(PLAYLIST, "Segue", ""),
    ],
)
def test_writes_are_never_repeated(script: Script, write: Callable[[SpotifyClient], None]) -> None:
    """A write that failed may have happened: it is sent once."""
    script.status = 502
    with pytest.raises(UnavailableError):
        write(scripted(script))
    assert script.calls == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.top_tracks("short_term"),
        lambda client: client.recently_played(),
        lambda client: client.create_playlist("Segue", ""),
        lambda client: client.playlist_track_ids(PLAYLIST),
        lambda client: client.find_playlist("1234"),
    ],
)
def test_an_answer_that_lacks_what_it_is_about(script: Script, call: Callable[[SpotifyClient], None]) -> None:
    """JSON of another form is trouble at Spotify, and no error of ours."""
    with pytest.raises(UnavailableError, match=r"answered without '(items|id)'; run this again later"):
        call(scripted(script))


def test_silence_is_bounded(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that accepts and never answers is given up on."""
    monkeypatch.setattr(client_module, "TIMEOUT", (1, 0.1))
    script.go.clear()
    with pytest.raises(UnavailableError, match="did not answer in time"):
        scripted(script).me()


def test_nobody_there() -> None:
    """A server that is gone is reported as that."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(UnavailableError, match="cannot be reached"):
        SpotifyClient("token", at_sandbox(load_settings(), port)).me()


def test_null_entries_are_left_out(script: Script) -> None:
    """Lists may hold null, local files, episodes and tracks without details."""
    track = {"id": "1" * 22, "type": "track", "name": "Song", "artists": [None, {"name": "Band"}]}
    local = {**track, "id": None, "is_local": True}
    episode = {**track, "type": "episode"}
    script.body = json.dumps({"items": [None, track, local], "next": None})
    assert scripted(script).top_tracks("short_term") == [PlayedTrack("1" * 22, "Song", ("Band",), None)]
    script.body = json.dumps({"items": [None, {"track": None}, {"track": track}]})
    assert len(scripted(script).recently_played()) == 1
    script.body = json.dumps({"items": [None, {"item": None}, {"item": episode}, {"item": track}], "next": None})
    assert scripted(script).playlist_track_ids(PLAYLIST) == ["1" * 22]
