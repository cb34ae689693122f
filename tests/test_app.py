"""The app's first page: what it shows, and what it never shows."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import httpx
import pandas as pd
import pytest

from app.listeners import demo_playlists
from app.style import PLAYLIST_HTML
from inference_pipeline.kept import Kept, write_kept
from segue.groups import LISTENERS, LISTENS, RECOMMENDATIONS, TRACKS
from segue.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from segue.store import FeatureStore

NOW = datetime.now(timezone.utc)
SONG = "0" * 21 + "A"
HEARD = "0" * 21 + "B"


def rows(group: Any, *given: dict[str, Any]) -> pd.DataFrame:
    """Return rows of a group; what is not given is missing."""
    return pd.DataFrame([dict.fromkeys(group.columns) | row for row in given], columns=list(group.columns))


def add_listener(store: FeatureStore, name: str, service: str) -> None:
    """Store a listener with one track heard and one recommended."""
    mine = {"listener_id": name.lower()}
    consent = {"service": service, "consented_at": NOW, "status": "connected", "scopes": "", "playlists": "{}"}
    store.upsert(LISTENERS, rows(LISTENERS, {**mine, **consent, "display_name": name}))
    expiry = {"expires_at": NOW + timedelta(days=1)}
    heard = {"source": "short_term", "track_id": HEARD, "rank": 1, "title": "Heard", "artists": "Band;Guest"}
    match = {"matched_track_id": HEARD, "matched_by": "id", "fetched_at": NOW}
    store.upsert(LISTENS, rows(LISTENS, {**mine, **heard, **match, **expiry}))
    made = {"model": "audio@1", "made_at": NOW, "score": 0.5, "reason": "Close in sound to Heard by Band"}
    place = {"playlist": "discover", "rank": 1, "track_id": SONG}
    store.upsert(RECOMMENDATIONS, rows(RECOMMENDATIONS, {**mine, **place, **made, **expiry}))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FeatureStore, str]]:
    """Serve the app in a process of its own, and return its store and address."""
    var = tmp_path_factory.mktemp("var")
    surroundings = {**os.environ, "SEGUE_VAR": str(var)}
    command = [sys.executable, "-m", "app", "--port", "0"]
    with subprocess.Popen(command, env=surroundings, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        address = process.stderr.readline().split()[3]
        yield open_store(f"sqlite:///{var / 'segue.db'}"), address
        process.terminate()


@pytest.fixture
def store(served: tuple[FeatureStore, str]) -> FeatureStore:
    """Return the app's store, emptied."""
    for group in (LISTENERS, LISTENS, RECOMMENDATIONS, TRACKS):
        served[0].replace(group, rows(group))
    return served[0]


@pytest.fixture
def catalog(store: FeatureStore) -> None:
    """Store a catalog of two tracks."""
    named = [(SONG, "Found", "data"), (HEARD, "Heard", "made-up")]
    same = {"artists": "Band;Guest", "genres": "folk"}
    tracks = [
        {"track_id": each, "recording_id": each, "title": title, "source": source} | same
        for each, title, source in named
    ]
    store.upsert(TRACKS, rows(TRACKS, *tracks))


@pytest.fixture
def visitor(served: tuple[FeatureStore, str], store: FeatureStore) -> Iterator[httpx.Client]:  # noqa: ARG001 - emptied
    """Return someone who visits the app over HTTP."""
    # The socket listens a moment after the address is printed: connecting is tried again until it does.
    with httpx.Client(base_url=served[1], transport=httpx.HTTPTransport(retries=10)) as client:
        yield client


def open_page(visitor: httpx.Client) -> list[dict[str, Any]]:
    """Open the page, and return what its parts become: the choice of listeners, the playlist, the hint."""
    answer = visitor.post("/gradio_api/run/open_page", json={"data": [], "session_hash": "tab"})
    assert answer.status_code == 200
    parts: list[dict[str, Any]] = answer.json()["data"]
    return parts


def choose(visitor: httpx.Client, listener_id: Any) -> httpx.Response:
    """Choose a listener in the page that was opened."""
    return visitor.post("/gradio_api/run/choose", json={"data": [listener_id], "session_hash": "tab"})


def test_the_page_opens(visitor: httpx.Client) -> None:
    """With its title."""
    assert visitor.get("/").status_code == 200
    assert visitor.get("/config").json()["title"] == "Segue: playlists that say why"


@pytest.mark.usefixtures("catalog")
def test_a_demo_listener_has_a_playlist_with_reasons(store: FeatureStore, visitor: httpx.Client) -> None:
    """Taste, playlist, reasons, and a link to each track at Spotify."""
    add_listener(store, "Ada", "sandbox")
    add_listener(store, "Bea", "sandbox")
    assert open_page(visitor)[0]["choices"] == [["Ada", "ada"], ["Bea", "bea"]]
    shown = choose(visitor, "bea").json()["data"][0]
    assert shown["taste"] == {"genres": "folk", "artists": "Band, Guest", "tracks": 1, "matched": "100%"}
    (playlist,) = shown["playlists"]
    assert playlist["title"] == "Segue Discover"
    assert playlist["about"] == "Artists you have not played."
    assert playlist["made"] == f"{NOW:%d %B %Y} by model audio@1"
    assert playlist["tracks"] == [
        {
            "rank": 1,
            "title": "Found",
            "artists": "Band, Guest",
            "reason": "Close in sound to Heard by Band",
            "url": f"https://open.spotify.com/track/{SONG}",
        }
    ]


@pytest.mark.usefixtures("catalog")
def test_every_playlist_that_is_kept_is_shown(store: FeatureStore) -> None:
    """In the order in which they are made, each with what it is about; only the first is open."""
    add_listener(store, "Ada", "sandbox")
    discover = store.read(RECOMMENDATIONS)
    for name in ("party", "familiar"):
        store.upsert(RECOMMENDATIONS, discover.assign(playlist=name))
    shown = demo_playlists(store, "ada")["playlists"]
    assert [each["title"] for each in shown] == ["Segue Familiar", "Segue Discover", "Segue Party"]
    assert [each["open"] for each in shown] == [True, False, False]
    assert shown[2]["about"] == "Made for dancing, in good spirits."
    assert len(shown[2]["tracks"]) == 1


@pytest.mark.usefixtures("catalog")
def test_a_removed_playlist_is_shown_as_removed(store: FeatureStore) -> None:
    """Without its tracks, and with the command that brings it back."""
    add_listener(store, "Ada", "sandbox")
    write_kept(store, "ada", "discover", Kept(id="0" * 22, removed_at=NOW))
    # A kind that there is no more.
    write_kept(store, "ada", "polka", Kept(id="1" * 22, removed_at=NOW))
    shown = demo_playlists(store, "ada")
    assert shown["playlists"] == []
    again = "segue playlists --bring-back discover --listener ada"
    assert shown["removed"] == [{"title": "Segue Discover", "again": again}]


@pytest.mark.usefixtures("catalog")
def test_made_up_tracks_lead_nowhere(store: FeatureStore) -> None:
    """Spotify does not have what Segue invented."""
    add_listener(store, "Ada", "sandbox")
    everything = store.read(TRACKS).assign(source="made-up")
    store.upsert(TRACKS, everything)
    assert demo_playlists(store, "ada")["playlists"][0]["tracks"][0]["url"] == ""


@pytest.mark.usefixtures("catalog")
def test_a_real_listener_is_shown_to_nobody(store: FeatureStore, visitor: httpx.Client) -> None:
    """Only made-up listeners are on the page, whatever a visitor asks for."""
    add_listener(store, "Ada", "sandbox")
    add_listener(store, "Real", "spotify")
    assert open_page(visitor)[0]["choices"] == [["Ada", "ada"]]
    assert choose(visitor, "real").is_error
    given: list[Any] = ["real", ["real", "ada"], {"real": 1, "ada": 2}, ["ada"], None, 1]
    for asked in given:
        assert demo_playlists(store, asked) == {"playlists": []}
    assert choose(visitor, ["ada", "real"]).is_error


def test_before_the_first_playlist_the_page_says_what_to_run(visitor: httpx.Client) -> None:
    """An empty page would leave a newcomer wondering."""
    assert [part["visible"] for part in open_page(visitor)] == [False, False, True]


def test_other_websites_cannot_read_what_a_visitor_sees(visitor: httpx.Client) -> None:
    """Gradio by itself would answer every origin, with credentials."""
    answer = visitor.get("/config", headers={"Origin": "https://evil.example", "Host": "segue.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_whatever_a_title_holds_is_shown_as_text() -> None:
    """Double braces escape; triple ones and JavaScript templates would not."""
    assert "{{{" not in PLAYLIST_HTML
    assert "${" not in PLAYLIST_HTML
    assert "{{this.title}}" in PLAYLIST_HTML


def test_a_port_that_is_taken_is_said_in_one_line() -> None:
    """With another one to try."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "app", "--port", str(port)]
        refused = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert refused.returncode == 1
    assert refused.stderr == f"error: port {port} is taken: choose another one, such as --port {port + 1}\n"


def test_an_address_of_another_machine_is_refused() -> None:
    """Another port would not help."""
    command = [sys.executable, "-m", "app", "--host", "192.0.2.1"]
    refused = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: cannot listen on 192.0.2.1")
    assert refused.stderr.endswith("is it an address of this machine?\n")
