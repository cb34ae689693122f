"""The app's first page: what it shows, and what it never shows."""

from __future__ import annotations

import socket
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from fastapi.testclient import TestClient

from app.server import create_app
from app.style import PLAYLIST_HTML
from segue.groups import LISTENERS, LISTENS, RECOMMENDATIONS, TRACKS
from segue.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from segue.store import FeatureStore

NOW = datetime.now(timezone.utc)
SONG = "0" * 21 + "A"
HEARD = "0" * 21 + "B"


def rows(group: Any, *given: dict[str, Any]) -> pd.DataFrame:
    """Return rows of a group; what is not given is missing."""
    return pd.DataFrame([dict.fromkeys(group.columns) | row for row in given])


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


@pytest.fixture
def catalog(store: FeatureStore) -> None:
    """Store a catalog of two tracks."""
    named = [(SONG, "Found", "data"), (HEARD, "Heard", "made-up")]
    tracks = [
        {
            "track_id": each,
            "recording_id": each,
            "title": title,
            "artists": "Band;Guest",
            "genres": "folk",
            "source": source,
        }
        for each, title, source in named
    ]
    store.upsert(TRACKS, rows(TRACKS, *tracks))


@pytest.fixture
def visitor() -> Iterator[TestClient]:
    """Return someone who visits the app over HTTP."""
    with TestClient(create_app(load_settings()), base_url="http://segue.example") as client:
        yield client


def choose(visitor: TestClient, listener_id: str) -> dict[str, Any]:
    """Choose a listener as the page does, and return what it is given to show."""
    answer = visitor.post("/gradio_api/run/choose", json={"data": [listener_id]})
    assert answer.status_code == 200
    shown: dict[str, Any] = answer.json()["data"][0]
    return shown


def test_the_page_opens(visitor: TestClient) -> None:
    """With its title, and without a word to anybody else's server."""
    page = visitor.get("/")
    assert page.status_code == 200
    assert "<title>Segue: playlists that say why</title>" in page.text


@pytest.mark.usefixtures("catalog")
def test_a_demo_listener_has_a_playlist_with_reasons(store: FeatureStore, visitor: TestClient) -> None:
    """Taste, playlist, reasons, and a link to each track at Spotify."""
    add_listener(store, "Ada", "sandbox")
    shown = choose(visitor, "ada")
    assert shown["taste"] == {"genres": "folk", "artists": "Band, Guest", "tracks": 1, "matched": "100%"}
    assert shown["model"] == "audio@1"
    assert shown["tracks"] == [
        {
            "rank": 1,
            "title": "Found",
            "artists": "Band, Guest",
            "reason": "Close in sound to Heard by Band",
            "url": f"https://open.spotify.com/track/{SONG}",
        }
    ]


@pytest.mark.usefixtures("catalog")
def test_made_up_tracks_lead_nowhere(store: FeatureStore, visitor: TestClient) -> None:
    """Spotify does not have what Segue invented."""
    add_listener(store, "Ada", "sandbox")
    everything = store.read(TRACKS).assign(source="made-up")
    store.upsert(TRACKS, everything)
    assert choose(visitor, "ada")["tracks"][0]["url"] == ""


@pytest.mark.usefixtures("catalog")
def test_a_real_listener_is_shown_to_nobody(store: FeatureStore, visitor: TestClient) -> None:
    """Only made-up listeners are on the page, whatever a visitor asks for."""
    add_listener(store, "Ada", "sandbox")
    add_listener(store, "Real", "spotify")
    assert choose(visitor, "real") == {"tracks": []}
    opened = visitor.post("/gradio_api/run/open_page", json={"data": []}).json()["data"]
    assert opened[0]["choices"] == [["Ada", "ada"]]


def test_before_the_first_playlist_the_page_says_what_to_run(visitor: TestClient) -> None:
    """An empty page would leave a newcomer wondering."""
    opened = visitor.post("/gradio_api/run/open_page", json={"data": []}).json()["data"]
    assert [part["visible"] for part in opened] == [False, False, True]


def test_other_websites_cannot_read_what_a_visitor_sees(visitor: TestClient) -> None:
    """Gradio by itself would answer every origin, with credentials."""
    answer = visitor.get("/config", headers={"Origin": "https://evil.example"})
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
    assert refused.stderr.startswith(f"error: cannot listen on 127.0.0.1:{port}")
    assert refused.stderr.endswith(f"segue app --port {port + 1}\n")
