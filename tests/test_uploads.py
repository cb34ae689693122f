"""Files that visitors bring: read within bounds, matched to the catalog, and never kept."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from catalogs import made_up_tracks, track_id
from hypothesis import given, settings
from hypothesis import strategies as st

from app.search import Search
from app.security.bodies import UPLOAD_BYTES
from app.uploads.files import MOST_FILES
from app.uploads.matching import Matched, match
from app.uploads.reading import read_songs
from app.uploads.songs import MOST_SONGS, Songs
from segue.errors import InputError
from segue.models.catalog import Catalog

MINUTE = 60_000
Drop = Callable[..., Path]


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    """Return what brings a file with the given content, each in a folder of its own."""

    def bring(content: str | bytes, name: str = "file") -> Path:
        folder = tmp_path / "upload"
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder / name

    return bring


def played(number: int, milliseconds: int = 3 * MINUTE, **more: Any) -> dict[str, Any]:
    """Return a play of a song of the catalog, as the extended history has it."""
    return {
        "ts": "2026-01-01T00:00:00Z",
        "ip_addr": "192.0.2.7",
        "ms_played": milliseconds,
        "master_metadata_track_name": f"Song {number}",
        "master_metadata_album_artist_name": f"Artist {number // 3}",
        "spotify_track_uri": f"spotify:track:{track_id(number)}",
        "spotify_episode_uri": None,
        "skipped": None,
        **more,
    }


def archive(members: dict[str, str | bytes], **options: Any) -> bytes:
    """Return a ZIP archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, **options) as written:
        for name, content in members.items():
            written.writestr(name, content)
    return packed.getvalue()


def names(songs: Songs) -> list[tuple[Any, ...]]:
    """Return id, title, artists and plays of each song, None where one is missing."""
    rows = songs.frame.astype(object).where(songs.frame.notna(), None)
    return list(rows[["track_id", "title", "artists", "plays"]].itertuples(index=False, name=None))


def matched(songs: Songs, tracks: pd.DataFrame | None = None) -> Matched:
    """Match songs to a catalog."""
    catalog = Catalog((made_up_tracks(12) if tracks is None else tracks).set_index("track_id"))
    return match(songs, catalog, Search(catalog).by_name)


def test_plays_of_the_extended_history_are_counted(drop: Drop) -> None:
    """Over all files; what lasted less than half a minute, was skipped or is a podcast is no play of a song."""
    first = [played(1), played(2), played(1, MINUTE // 2), played(3, MINUTE // 2 - 1), played(4, skipped=True)]
    podcast = dict.fromkeys(played(0)) | {"ms_played": MINUTE, "episode_name": "Talk", "spotify_episode_uri": "x"}
    paths = [drop(json.dumps(first), "1.json"), drop(json.dumps([podcast, played(2), played(1)]), "2.json")]
    songs = read_songs(paths)
    assert names(songs) == [(track_id(1), "Song 1", "Artist 0", 3), (track_id(2), "Song 2", "Artist 0", 2)]
    assert songs.found == 2


def test_the_older_history_names_songs_only(drop: Drop) -> None:
    """By title and artist."""
    play = {"endTime": "2019-01-01 00:00", "artistName": "Artist 1", "trackName": "Song 4", "msPlayed": MINUTE}
    podcast = {"endTime": "2019-01-01 00:00", "podcastName": "Talk", "episodeName": "One", "msPlayed": MINUTE}
    songs = read_songs([drop(json.dumps([play, podcast, play]))])
    assert names(songs) == [(None, "Song 4", "Artist 1", 2)]
    assert list(matched(songs).preferences.index) == [track_id(4)]


def test_the_archive_that_spotify_sends_is_read(drop: Drop) -> None:
    """Only the histories in it, wherever they are."""
    members = {
        "Spotify Data/Streaming_History_Audio_2026_0.json": json.dumps([played(1)]),
        "Spotify Data/Streaming_History_Audio_2026_1.json": json.dumps([played(1), played(2)]),
        "Spotify Data/Identity.json": '{"ms_played": "no history, but private", "displayName": "x"}'.replace("ms_", ""),
        "Spotify Data/ReadMeFirst.pdf": b"%PDF \0\xff",
    }
    assert [row[::3] for row in names(read_songs([drop(archive(members))]))] == [(track_id(1), 2), (track_id(2), 1)]


def test_a_table_of_exportify_is_read(drop: Drop) -> None:
    """By ids, and for local files by name, of which one has a comma."""
    table = (
        '\ufeff"Track URI","Track Name","Album Name","Artist Name(s)","Release Date"\r\n'
        f'"spotify:track:{track_id(1)}","Song 1","Album","Artist 0","2020"\r\n'
        '"spotify:local:x","Song, 4","","Artist 1,Artist 2",""\r\n'
    )
    songs = read_songs([drop(table)])
    assert names(songs) == [(track_id(1), "Song 1", "Artist 0", 1), (None, "Song, 4", "Artist 1,Artist 2", 1)]
    tracks = made_up_tracks(12)
    tracks.loc[4, "title"] = "Song, 4"
    assert set(matched(songs, tracks).preferences.index) == {track_id(1), track_id(4)}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_other_tables_are_read(drop: Drop, delimiter: str) -> None:
    """With other names of columns, in another order, between other separators."""
    rows = [("artist", "year", "title"), ("Artist 1", "2020", "Song 3"), ("Artist 1",), (), ("", "", "")]
    songs = read_songs([drop("\n".join(delimiter.join(row) for row in rows))])
    assert list(matched(songs).preferences.index) == [track_id(3)]


def test_a_list_of_lines_is_read(drop: Drop) -> None:
    """Links, URIs, ids, names in either order, numbered or not, and the comments of a playlist file."""
    lines = [
        "#EXTM3U",
        f"https://open.spotify.com/track/{track_id(0)}?si=1",
        f"  spotify:track:{track_id(1)}",
        track_id(2),
        "",
        "Song 3 - Artist 1",
        "4. Artist 1 – song 4",
        "Song 5 - Remastered 2011 - ARTIST 1",
        "Artist 2 - Song 6 - Radio Edit",
        "what is this",
    ]
    found = matched(read_songs([drop("\r\n".join(lines))]))
    assert sorted(found.preferences.index) == [track_id(number) for number in range(7)]
    assert (found.preferences == 1).all()
    assert (found.songs, found.matched, found.missing) == (8, 7, ["what is this"])


def test_the_most_played_are_preferred_most(drop: Drop) -> None:
    """On a logarithmic scale that ends at fifty plays."""
    plays = [played(number) for number, times in ((1, 80), (2, 50), (3, 10), (4, 1)) for _ in range(times)]
    preferences = matched(read_songs([drop(json.dumps(plays))])).preferences
    assert preferences.index.tolist() == [track_id(number) for number in (1, 2, 3, 4)]
    expected = np.log([51, 51, 11, 2]) / np.log(51)
    np.testing.assert_allclose(preferences, expected, rtol=1e-6)
    assert preferences.dtype == "float32"


def test_all_ids_of_a_recording_count_as_one(drop: Drop) -> None:
    """Their plays are added."""
    tracks = made_up_tracks(12)
    tracks.loc[2, "recording_id"] = track_id(1)
    preferences = matched(read_songs([drop(json.dumps([played(1), played(2), played(3)]))]), tracks).preferences
    assert preferences.index.tolist() == [track_id(1), track_id(3)]
    np.testing.assert_allclose(preferences, np.log([3, 2]) / np.log(3), rtol=1e-6)


def test_what_the_catalog_lacks_is_named(drop: Drop) -> None:
    """The most played first, and nothing is found for it."""
    plays = [played(number) for number, times in ((50, 2), (51, 3), (1, 1)) for _ in range(times)]
    found = matched(read_songs([drop(json.dumps(plays))]))
    assert found.missing == ["Song 51 by Artist 17", "Song 50 by Artist 16"]
    assert (found.songs, found.matched) == (3, 1)
    nothing = matched(read_songs([drop(json.dumps([played(50)]))]))
    assert (len(nothing.preferences), nothing.matched) == (0, 0)


def test_a_name_of_the_same_title_by_somebody_else_is_another_song(drop: Drop) -> None:
    """A title alone is nobody's."""
    found = matched(read_songs([drop("Song 3 - Somebody Else\nSong 3\nArtist 1")]))
    assert found.matched == 0


def test_only_the_most_played_of_very_many_are_taken(drop: Drop) -> None:
    """So that no file makes the server slow."""
    lines = [track_id(number) for number in range(MOST_SONGS + 10)] + [track_id(MOST_SONGS + 9)]
    songs = read_songs([drop("\n".join(lines))])
    assert (len(songs.frame), songs.found) == (MOST_SONGS, MOST_SONGS + 10)
    assert songs.frame["track_id"].iloc[0] == track_id(MOST_SONGS + 9)


def nested(depth: int) -> bytes:
    """Return lists within lists, with what a history begins with."""
    return b'[{"ms_played":1},' + b"[" * depth


HISTORY = json.dumps([played(1)] * 50)
WRONG = {
    "empty": (b"", "there are no songs in it"),
    "only spaces": (b" \r\n\t\n", "there are no songs in it"),
    "only comments": (b"#EXTM3U\n# nothing", "there are no songs in it"),
    "binary": (bytes(range(256)), "this is no text"),
    "latin-1": ("Señorita - José".encode("latin-1"), "no text in UTF-8"),
    "utf-16": (HISTORY.encode("utf-16"), "this is no text"),
    "too large": (b"x" * (UPLOAD_BYTES + 1), "larger than 25 MB"),
    "cut off": (HISTORY[:-20].encode(), "damaged or cut off"),
    "a nested list": (nested(5_000_000), "damaged or cut off"),
    "a nested object": (b'{"ms_played":' * 1_000_000, "damaged or cut off"),
    "a bad character": (b'[{"ms_played": 1, "trackName": "\xff"}]', "damaged or cut off"),
    "another JSON": (b'{"playlists": []}', "no listening history"),
    "a list of numbers": (b"[[1, 2], 3]", "this is not what Spotify writes there|no listening history"),
    "another type": (b'[{"ms_played": "long"}]', "column 'ms_played', row 1: this is not what Spotify writes"),
    "a million mistakes": (b'[{"ms_played":1},' + b"0," * 1_000_000 + b"0]", "not what Spotify writes|no listening"),
    "too many values": (b"[[]" + b",0" * 2_000_001 + b"]", "more than any listening history"),
    "an endless number": (b'[{"ms_played":' + b"9" * 1_000_000 + b"}]", "damaged|not what Spotify"),
    "a very long title": (
        json.dumps([played(1, master_metadata_track_name="x" * 10_000)]).encode(),
        "not what Spotify",
    ),
    "nothing but short plays": (json.dumps([played(1, 1)]).encode(), "there are no songs in it"),
    "an open quote": (b'id,title\n"' + b"a,b\n" * 100_000, "damaged"),
    "a cut archive": (archive({"a.json": HISTORY})[:-30], "damaged or locked"),
    "an archive of nothing": (b"PK\x03\x04", "damaged or locked"),
    "an archive without a history": (archive({"a.txt": HISTORY, "b.json": "{}"}), "there are no songs in it"),
    "an archive of archives": (archive({"a.json": archive({"b.json": HISTORY})}), "there are no songs in it"),
    "a bomb": (archive({"a.json": HISTORY[:-1].encode() + b" " * 300_000_000}), "too large"),
    "many small bombs": (
        archive({f"{number}.json": b'[{"ms_played":1}' + b" " * 19_000_000 + b"]" for number in range(11)}),
        "too large",
    ),
    "very many files": (archive({f"{number}.json": "[]" for number in range(MOST_FILES + 1)}), "more than 50 files"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_file_is_refused_in_one_line_and_deleted(drop: Drop, kind: str) -> None:
    """With what is wrong and what to do; nothing of its content is repeated."""
    content, message = WRONG[kind]
    path = drop(content)
    with pytest.raises(InputError, match=message) as refused:
        read_songs([path])
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 200
    assert not path.parent.exists()


def test_an_archive_that_lies_about_its_length_is_refused(drop: Drop) -> None:
    """What it says of itself is not believed."""
    honest = archive({"a.json": b'[{"ms_played":1}' + b" " * 30_000_000 + b"]"})
    lying = honest.replace((30_000_017).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert lying != honest
    with pytest.raises(InputError):
        read_songs([drop(lying)])


def test_a_locked_archive_is_refused(drop: Drop) -> None:
    """The bit that says so is set in both of its tables."""
    locked = bytearray(archive({"a.json": HISTORY}))
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InputError, match="damaged or locked"):
        read_songs([drop(bytes(locked))])


def test_all_files_are_deleted_when_one_is_wrong(drop: Drop) -> None:
    """And those after it, too."""
    paths = [drop(HISTORY, "1"), drop(b"\0", "2"), drop(HISTORY, "3")]
    with pytest.raises(InputError, match=r"^2: this is no text"):
        read_songs(paths)
    assert not paths[0].parent.exists()


def test_files_are_deleted_when_they_are_read(drop: Drop) -> None:
    """At once; a folder with something else in it stays."""
    path = drop(HISTORY)
    other = drop("x", "other")
    read_songs([path])
    assert not path.exists()
    assert other.exists()


def test_a_file_that_is_gone_is_said_in_one_line(tmp_path: Path) -> None:
    """Two visitors may bring the same file at the same moment: Gradio keeps it once."""
    with pytest.raises(InputError, match="did not arrive: choose it again"):
        read_songs([tmp_path / "gone"])


def test_too_many_files_are_refused_and_deleted(drop: Drop) -> None:
    """All of them."""
    paths = [drop("x", str(number)) for number in range(MOST_FILES + 1)]
    with pytest.raises(InputError, match="51 files"):
        read_songs(paths)
    assert not paths[0].parent.exists()


@settings(max_examples=40)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "ignore")))
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """And deleted; what was read can be matched."""
    path = tmp_path_factory.mktemp("any") / "file"
    path.write_bytes(content)
    with suppress(InputError):
        found = matched(read_songs([path]))
        assert found.matched <= found.songs
    assert not path.exists()
