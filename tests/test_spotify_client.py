"""The Web API client: what it asks for, and what it makes of the answers."""

from __future__ import annotations

import json
from collections.abc import Callable

import pandas as pd
import pytest
from scripted_server import Script

from segue.errors import (
    AmbiguousWriteError,
    AuthorizationExpiredError,
    InputError,
    MissingScopeError,
    NotFoundError,
    UnavailableError,
)
from segue.sandbox.server import Sandbox
from segue.spotify.accounts import SCOPES
from segue.spotify.answers import KeptPlaylist
from segue.spotify.client import SpotifyClient
from segue.spotify.played import PlayedTrack

pytest_plugins = ("sandbox_fixture", "script_fixture")

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
    assert client.playlist_entries(playlist_id) == first
    client.replace_tracks(playlist_id, second)
    client.describe_playlist(playlist_id, "Segue again", "made tomorrow")
    assert client.playlist_entries(playlist_id) == second
    (kept,) = connected.service.playlists_of("juniper").values()
    assert (kept.name, kept.description, kept.public) == ("Segue again", "made tomorrow", False)


def test_playlist_can_be_emptied(client: SpotifyClient, catalog: pd.DataFrame) -> None:
    """No tracks is a list of tracks too."""
    playlist_id = client.create_playlist("Segue", "")
    client.replace_tracks(playlist_id, catalog["track_id"].to_list()[:3])
    client.replace_tracks(playlist_id, [])
    assert client.playlist_entries(playlist_id) == []


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
    with pytest.raises(AmbiguousWriteError, match="status 502"):
        client.replace_tracks(playlist_id, [*alive, "0" * 22])
    assert client.playlist_entries(playlist_id) == alive


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
    with pytest.raises(MissingScopeError, match="has not granted this permission"):
        client.recently_played()


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.top_tracks("short_term"),
        lambda client: client.recently_played(),
        lambda client: client.saved_tracks(),
        lambda client: client.my_playlists(),
        lambda client: client.playlist_entries(PLAYLIST),
        lambda client: client.find_playlist("1234"),
    ],
)
def test_an_answer_that_lacks_what_it_is_about(script: Script, call: Callable[[SpotifyClient], None]) -> None:
    """JSON of another form is trouble at Spotify, and no error of ours."""
    with pytest.raises(UnavailableError, match=r"answered without 'items'; run this again later"):
        call(script.client())


def test_null_entries_are_no_tracks(script: Script) -> None:
    """Lists may hold null, local files, episodes and tracks without details."""
    track = {"id": "1" * 22, "type": "track", "name": "Song", "artists": [None, {"name": "Band"}]}
    local = {**track, "id": None, "is_local": True}
    episode = {**track, "type": "episode"}
    script.say(200, json.dumps({"items": [None, track, local], "next": None}))
    assert script.client().top_tracks("short_term") == [PlayedTrack("1" * 22, "Song", ("Band",), None)]
    script.say(200, json.dumps({"items": [None, {"track": None}, {"track": track}]}))
    assert len(script.client().recently_played()) == 1
    script.say(200, json.dumps({"items": [None, {"item": None}, {"item": episode}, {"item": track}], "next": None}))
    assert script.client().playlist_entries(PLAYLIST) == [None, None, None, "1" * 22]


def test_playlists_of_a_listener(client: SpotifyClient, catalog: pd.DataFrame) -> None:
    """Each with what it holds by its snapshot; another one after a change."""
    playlist_id = client.create_playlist("Segue", "made today")
    snapshot_id = client.replace_tracks(playlist_id, catalog["track_id"].to_list()[:120])
    (kept,) = client.my_playlists()
    assert kept == KeptPlaylist(playlist_id, "Segue", "made today", str(snapshot_id), 120)
    assert client.replace_tracks(playlist_id, []) != snapshot_id


def test_a_page_of_playlists_is_one_call(client: SpotifyClient, connected: Sandbox) -> None:
    """The first page is all that most need; more are read where they are asked for."""
    made = {client.create_playlist("Segue", "") for _ in range(70)}
    connected.service.requests.clear()
    assert len(client.my_playlists()) == 50
    assert list(connected.service.requests) == ["GET /v1/me/playlists"]
    assert {playlist.id for playlist in client.my_playlists(pages=5)} == made
    assert len(connected.service.requests) == 3


def test_playlists_that_spotify_says_little_of(script: Script) -> None:
    """Null entries are left out; what is missing is empty."""
    script.say(200, json.dumps({"items": [None, {"id": PLAYLIST, "description": None, "items": None}], "next": None}))
    assert script.client().my_playlists() == [KeptPlaylist(PLAYLIST, "", "", "", 0)]


def test_a_look_into_the_library_takes_forty_at_once(script: Script) -> None:
    """Each URI has its own answer."""
    uris = [f"spotify:playlist:{number:022}" for number in range(80)]
    script.say(200, json.dumps([True, False] * 20))
    answers = script.client().library_contains(uris)
    assert list(answers) == uris
    assert list(answers.values()) == [True, False] * 40
    assert script.calls == ["GET /v1/me/library/contains"] * 2


def test_an_unclear_look_into_the_library(script: Script) -> None:
    """Fewer answers than questions answer nothing."""
    script.say(200, json.dumps([True]))
    with pytest.raises(UnavailableError, match="without 2 times yes or no"):
        script.client().library_contains(["spotify:playlist:a", "spotify:playlist:b"])


def test_saved_tracks(script: Script) -> None:
    """The entries of the library are read like plays."""
    script.say(200, json.dumps({"items": [None, {"track": {"id": "1" * 22, "name": "Song", "type": "track"}}]}))
    assert script.client().saved_tracks() == [PlayedTrack("1" * 22, "Song", (), None)]
    assert script.calls == ["GET /v1/me/tracks"]


def test_a_cover_is_sent_as_base64(script: Script) -> None:
    """As Spotify wants it, up to 256 KB of text; what is larger is not sent at all."""
    script.say(202, "")
    script.client().set_cover(PLAYLIST, b"\xff" * (192 * 1024))
    assert script.calls == [f"PUT /v1/playlists/{PLAYLIST}/images"]
    assert script.bodies == [b"/" * (256 * 1024)]
    with pytest.raises(InputError, match="may have 192 KB"):
        script.client().set_cover(PLAYLIST, b"\xff" * (192 * 1024 + 1))
    assert len(script.calls) == 1
