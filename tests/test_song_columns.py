"""Song to songs: what stands in the columns, and the map that the page fetches."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from catalogs import made_up_tracks, track_id, train_small
from fastapi import FastAPI
from fastapi.testclient import TestClient
from listening import as_catalog

from app.context import Context
from app.layout.suggestions import as_buttons, as_links
from app.pictures.routes import picture_routes
from app.search import Song
from app.songs.columns import COLUMNS, neighbor_columns
from inference_pipeline.library import Library
from inference_pipeline.side_by_side import HYBRID, SPACES, neighbors_by_space
from segue.groups import TRACKS
from segue.models.map import write_map
from segue.models.mapping import draw_map
from segue.registry import FolderRegistry
from segue.settings import load_settings
from segue.store import FeatureStore

N = 90
HOSTILE = "<img src=x onerror=alert(1)>\"'&"
SONG = Song(track_id(0), "Song 0", "Artist 0", 1994)


def spaces_of(tracks: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the neighbors of the first of `tracks`."""
    return neighbors_by_space(Library(train_small(tracks, "hybrid"), as_catalog(tracks)), track_id(0), 3)


@pytest.fixture(scope="module")
def spaces() -> dict[str, pd.DataFrame]:
    """Return the neighbors of a song."""
    return spaces_of(made_up_tracks(N))


def test_each_space_has_a_column() -> None:
    """With words of its own above it."""
    assert COLUMNS.keys() == {HYBRID, *SPACES}


def test_a_neighbor_leads_to_spotify_and_on_to_its_own_neighbors(spaces: dict[str, pd.DataFrame]) -> None:
    """The nearest first, each with how near it is and what both have."""
    shown = neighbor_columns(SONG, "", spaces)
    sound = shown[shown.index("<h3>Sound</h3>") :].partition("</section>")[0]
    nearest = spaces["audio"].index
    assert re.findall(r'href="https://open.spotify.com/track/(\w+)"', sound) == [*nearest]
    assert re.findall(r'href="/songs\?song=(\w+)"', sound) == [*nearest]
    shares = [int(share) for share in re.findall(r"(\d+) % alike", sound)]
    assert shares == [round(100 * near) for near in spaces["audio"]["similarity"]]
    assert "jazz" in sound


def test_a_song_that_came_after_the_model_has_one_column(spaces: dict[str, pd.DataFrame]) -> None:
    """All together are the same songs, which nobody needs to read twice; why there is no more is said."""
    by_sound = dict.fromkeys((HYBRID, "audio"), spaces["audio"])
    shown = neighbor_columns(SONG, "", by_sound, newer=True)
    assert re.findall(r"<h3>([^<]+)</h3>", shown) == ["Sound"]
    assert "came after the model was trained" in shown
    assert "came after" not in neighbor_columns(SONG, "", spaces)


def test_made_up_songs_lead_nowhere_but_on() -> None:
    """Spotify does not have them."""
    made_up = spaces_of(made_up_tracks(N).assign(source="made-up"))
    shown = neighbor_columns(SONG, "", made_up)
    assert "open.spotify.com" not in shown
    assert "These songs are made up" in shown
    assert "made up" not in neighbor_columns(SONG, "https://open.spotify.com/track/x", made_up)
    assert "/songs?song=" in shown


def test_a_space_that_knows_nothing_of_the_song_says_so(spaces: dict[str, pd.DataFrame]) -> None:
    """An empty column would leave people wondering."""
    assert "Nothing is known of this song here." in neighbor_columns(SONG, "", {"genre": spaces["genre"].head(0)})


def test_whatever_a_title_holds_is_shown_as_text() -> None:
    """In the columns and above them, where it is missing, too."""
    tracks = made_up_tracks(N).assign(title=HOSTILE, artists=HOSTILE, genres=HOSTILE)
    tracks.loc[1:9, ["title", "artists"]] = None
    shown = neighbor_columns(Song(track_id(0), HOSTILE, HOSTILE, None), "", spaces_of(tracks))
    assert "<img" not in shown
    assert "&lt;img" in shown
    hostile = [Song(track_id(0), HOSTILE, HOSTILE, None)]
    assert "<img" not in as_links(hostile, "/songs?song=") + as_buttons(hostile)


def test_suggestions_lead_to_neighbors_in_the_order_of_the_search() -> None:
    """Of those that look the same the better known one; nothing where there are none."""
    twin = Song(track_id(1), SONG.title, SONG.artists, SONG.year)
    other = Song(track_id(2), "Song 2", "", None)
    links = re.findall(r'href="/songs\?song=(\w+)">([^<]+)<', as_links([SONG, other, twin], "/songs?song="))
    assert links == [(track_id(0), SONG.label), (track_id(2), "Song 2")]
    assert as_links([], "/songs?song=") == as_buttons([]) == ""


@pytest.fixture
def visitor(store: FeatureStore) -> TestClient:  # noqa: ARG001 - what it reads
    """Return someone who asks for pictures."""
    server = FastAPI()
    server.include_router(picture_routes(Context.of(load_settings())))
    return TestClient(server)


def register(store: FeatureStore, *, with_map: bool) -> None:
    """Register a model of a catalog."""
    tracks = made_up_tracks(N)
    store.replace(TRACKS, tracks)
    model = train_small(tracks, "hybrid")
    registered = FolderRegistry(load_settings().models_dir).save("hybrid", model.save, {}, {})
    positions = draw_map(model)
    assert positions is not None
    if with_map:
        write_map(registered.path, positions)


def test_the_ground_of_the_map_is_fetched_once(store: FeatureStore, visitor: TestClient) -> None:
    """A PNG that is named for its model; who has it is told so."""
    register(store, with_map=True)
    answer = visitor.get("/pictures/map.png")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")
    again = visitor.get("/pictures/map.png", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = visitor.get("/pictures/map.png", headers={"If-None-Match": '"hybrid@0"'})
    assert other.content == answer.content


def test_without_a_map_there_is_no_picture_of_it(store: FeatureStore, visitor: TestClient) -> None:
    """Nor without a model, which may come yet."""
    assert visitor.get("/pictures/map.png").status_code == 503
    register(store, with_map=False)
    assert visitor.get("/pictures/map.png").status_code == 404
