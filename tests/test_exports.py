"""Lists of songs in the formats that other programs read."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import httpx
import pytest
from catalogs import made_up_tracks, store_and_train, track_id
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from app.context import Context
from app.exports.jspf import to_jspf
from app.exports.lines import to_lines, to_links
from app.exports.m3u import to_m3u
from app.exports.routes import MOST_SONGS, export_address, export_routes
from app.exports.rows import Row
from app.exports.table import STARTS_FORMULA, to_csv
from app.uploads.reading import read_songs
from segue.links import track_link
from segue.settings import load_settings
from segue.store import FeatureStore

IDS = st.from_regex(r"[0-9A-Za-z]{22}", fullmatch=True)
# Halves of characters cannot be stored, so no catalog has them.
NAMES = st.text(st.characters(codec="utf-8"), max_size=30)


@st.composite
def rows(draw: st.DrawFn) -> list[Row]:
    """Draw a list of songs with any titles, some of them invented."""
    drawn = draw(st.lists(st.tuples(IDS, NAMES, NAMES, st.none() | st.integers(1900, 2030), st.booleans()), max_size=5))
    return [
        Row(
            track_id=each, title=title, artists=artists, year=year, url=f"https://open.spotify.com/track/{each}" * there
        )
        for each, title, artists, year, there in drawn
    ]


SONG = Row(track_id=track_id(1), title="Señorita", artists="A, B", year=2019, url=track_link(track_id(1), "test"))


@given(rows())
def test_a_table_holds_what_was_written(songs: list[Row]) -> None:
    """After taking away the apostrophes that keep formulas from being run."""
    read = list(csv.DictReader(io.StringIO(to_csv(songs).removeprefix("\ufeff"), newline="")))
    assert [int(row["Rank"]) for row in read] == list(range(1, len(songs) + 1))
    for row, song in zip(read, songs, strict=True):
        for column, name in (("Track ID", "track_id"), ("Title", "title"), ("Artists", "artists"), ("Link", "url")):
            cell, value = row[column], song[name]  # type: ignore[literal-required] # they are its keys
            assert cell == (f"'{value}" if value.startswith(STARTS_FORMULA) else value)
        assert row["Year"] == str(song["year"] or "")


@given(rows())
def test_no_cell_is_a_formula(songs: list[Row]) -> None:
    """Whatever somebody has called their song."""
    for row in csv.reader(io.StringIO(to_csv(songs), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_a_formula_becomes_text() -> None:
    """The classic one."""
    song = Row(track_id=track_id(1), title='=HYPERLINK("http://x")', artists="@sum", year=None, url="")
    assert """"'=HYPERLINK(""http://x"")","'@sum\"""" in to_csv([song])


@given(rows())
def test_a_player_finds_a_link_for_each_song(songs: list[Row]) -> None:
    """And no title can begin a line of its own."""
    lines = to_m3u(songs, "Any\ntitle").splitlines()
    assert lines[:2] == ["#EXTM3U", "#PLAYLIST:Any title"]
    assert [line for line in lines if not line.startswith("#")] == [song["url"] for song in songs if song["url"]]
    assert sum(line.startswith("#EXTINF:-1,") for line in lines) == len(songs)


@given(rows())
def test_jspf_is_as_its_specification_says(songs: list[Row]) -> None:
    """A playlist with a list of tracks, whose identifiers are lists of addresses; nothing is empty."""
    playlist = json.loads(to_jspf(songs, "From Segue"))["playlist"]
    assert (playlist["title"], playlist["creator"]) == ("From Segue", "Segue")
    for track, song in zip(playlist["track"], songs, strict=True):
        assert track.get("title", "") == song["title"]
        assert track.get("creator", "") == song["artists"]
        assert track.get("identifier", []) == ([song["url"]] if song["url"] else [])
        assert all(track.values())


def test_text_to_paste_names_each_song_in_a_line() -> None:
    """And its link, where it has one."""
    invented = Row(track_id=track_id(2), title="Invented", artists="", year=None, url="")
    assert to_lines([SONG, invented]) == "Señorita - A, B\nInvented"
    assert to_links([SONG, invented]) == f"https://open.spotify.com/track/{track_id(1)}"


@pytest.mark.parametrize("text", [to_csv([SONG]), to_m3u([SONG], "x"), to_lines([SONG]), to_links([SONG])])
def test_what_was_taken_along_can_be_brought_back(tmp_path: Path, text: str) -> None:
    """As a file to start from."""
    file = tmp_path / "brought" / "file"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    (song,) = read_songs([file]).frame.to_dict("records")
    assert song["track_id"] == track_id(1) or (song["title"], song["artists"]) == ("Señorita", "A, B")


@pytest.fixture
def visitor(store: FeatureStore) -> httpx.Client:
    """Return somebody who downloads lists of a catalog of five songs."""
    store_and_train(store, made_up_tracks(5))
    server = FastAPI()
    server.include_router(export_routes(Context.of(load_settings())))
    return TestClient(server)


@pytest.mark.parametrize(
    ("ending", "media_type"),
    [("csv", "text/csv; charset=utf-8"), ("m3u8", "application/vnd.apple.mpegurl"), ("jspf", "application/jspf+json")],
)
def test_a_list_is_downloaded_in_its_order(visitor: httpx.Client, ending: str, media_type: str) -> None:
    """As a file; what the catalog lacks is left out."""
    answer = visitor.get(export_address(ending, [track_id(3), "z" * 22, track_id(1)]))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-disposition"] == f'attachment; filename="segue.{ending}"'
    text = answer.content.decode()
    assert 0 < text.index("Song 3") < text.index("Song 1")
    assert "z" * 22 not in text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (export_address("exe", [track_id(1)]), 404),
        ("/export/segue.csv", 400),
        ("/export/segue.csv?songs=", 400),
        ("/export/segue.csv?songs=<script>", 400),
        (export_address("csv", [track_id(1), ""]), 400),
        (export_address("csv", [track_id(1)] * (MOST_SONGS + 1)), 400),
    ],
)
def test_a_wrong_address_is_refused(visitor: httpx.Client, address: str, status: int) -> None:
    """In one line, without repeating it."""
    answer = visitor.get(address)
    assert answer.status_code == status
    assert "<script>" not in answer.text
    assert len(answer.json()["detail"]) < 100


def test_before_there_is_a_catalog_it_says_what_to_run(store: FeatureStore) -> None:  # noqa: ARG001 - it is empty
    """As the pages do."""
    server = FastAPI()
    server.include_router(export_routes(Context.of(load_settings())))
    answer = TestClient(server).get(export_address("csv", [track_id(1)]))
    assert answer.status_code == 503
    assert "segue features" in answer.json()["detail"]
