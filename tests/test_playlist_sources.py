"""Public playlists: what is recognized, how rows are matched to the catalog, and what is dropped."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feature_pipeline.playlists import read_playlists, recognize_playlists
from feature_pipeline.sources.playlists import PLAYLIST_SOURCES
from segue.errors import InputError
from segue.groups import PLAYLIST_TRACKS

ALISON, ALISON_2005, HELP, LIVE, UNNAMED = (f"{letter}{'0' * 21}" for letter in "ABCDE")
CATALOG = pd.DataFrame(
    {
        "track_id": [HELP, ALISON_2005, ALISON, LIVE, UNNAMED],
        "recording_id": [HELP, ALISON, ALISON, LIVE, UNNAMED],
        "title": ["Help! - Remastered 2009", "Alison - 2005 Remaster", "Alison", "Alison - Live", None],
        "artists": ["The Beatles", "Elvis Costello;The Attractions", "Elvis Costello", "Elvis Costello", None],
        "popularity_percentile": [0.1, 0.9, 0.5, 0.99, None],
    }
)
NOWPLAYING_HEADER = '"user_id", "artistname", "trackname", "playlistname"\n'


def read(*paths: Path, catalog: pd.DataFrame = CATALOG) -> tuple[list[tuple[str, str, int]], dict[str, object]]:
    """Return (playlist, track, position) of what was read, and the report of the one source."""
    recognition = recognize_playlists(paths)
    assert recognition.refused == {}
    playlists = read_playlists(recognition.taken, catalog)
    pd.testing.assert_frame_equal(PLAYLIST_TRACKS.validate(playlists.tracks), playlists.tracks)
    (report,) = playlists.report
    assert report.rows == report.by_id + report.by_title + sum(report.dropped.values())
    assert report.by_id + report.by_title == len(playlists.tracks)
    columns = playlists.tracks[["playlist_id", "track_id", "position"]]
    return [tuple(row) for row in columns.itertuples(index=False)], vars(report)


def write(path: Path, *lines: str) -> Path:
    """Write a text file."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_slice(path: Path, *playlists: tuple[int, Sequence[tuple[str, str, str]]]) -> Path:
    """Write a slice of the Million Playlist Dataset, with the fields of the original."""
    content = {
        "info": {"generated_on": "2017-12-03 08:41:42.057563", "slice": "0-999", "version": "v1"},
        "playlists": [
            {
                "name": "Throwbacks",
                "collaborative": "false",
                "pid": pid,
                "modified_at": 1493424000,
                "num_tracks": len(tracks),
                "num_albums": 1,
                "num_followers": 1,
                "tracks": [
                    {
                        "pos": pos,
                        "artist_name": artist,
                        "track_uri": f"spotify:track:{track_id}",
                        "artist_uri": "spotify:artist:2wIVse2owClT7go1WT98tk",
                        "track_name": title,
                        "album_uri": "spotify:album:6vV5UrXcfyQD1wu4Qo2I9K",
                        "duration_ms": 226863,
                        "album_name": "An album",
                    }
                    for pos, (track_id, artist, title) in enumerate(tracks)
                ],
                "num_edits": 6,
                "duration_ms": 11532414,
                "num_artists": 1,
            }
            for pid, tracks in playlists
        ],
    }
    path.write_text(json.dumps(content, indent=4), encoding="utf-8")
    return path


def test_a_million_playlist_slice(tmp_path: Path) -> None:
    """Tracks are found by their URI, others by title and artist; positions are the dataset's own."""
    unknown = "Z" * 22
    path = write_slice(
        tmp_path / "anything.json",
        (7, [(HELP, "The Beatles", "Help!"), (unknown, "Nobody", "Nothing"), (unknown, "elvis costello", "ALISON")]),
        (8, [(ALISON_2005, "Elvis Costello", "Alison - 2005 Remaster")]),
    )
    tracks, report = read(path)
    assert tracks == [
        ("million-playlist:7", HELP, 0),
        ("million-playlist:7", ALISON, 2),
        ("million-playlist:8", ALISON_2005, 0),
    ]
    assert report == {
        "source": "million-playlist",
        "rows": 4,
        "playlists": 2,
        "by_id": 2,
        "by_title": 1,
        "dropped": {"faulty line": 0, "not in the catalog": 1, "repeated on the playlist": 0},
    }


def test_slices_are_one_dataset(tmp_path: Path) -> None:
    """Slices are reported together, in whatever order they are given."""
    first = write_slice(tmp_path / "mpd.slice.0-999.json", (0, [(HELP, "The Beatles", "Help!")]))
    second = write_slice(tmp_path / "mpd.slice.1000-1999.json", (1000, [(LIVE, "Elvis Costello", "Alison - Live")]))
    assert read(first, second) == read(second, first)
    assert read(first, second)[1]["playlists"] == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [('{"info": {}, "playlists": [{"pid": 0,', "not whole"), ('{"info": {}, "playlists": [{"pid": 0}]}', "'tracks'")],
)
def test_a_broken_slice(tmp_path: Path, content: str, message: str) -> None:
    """One line names the file and what is wrong."""
    path = write(tmp_path / "mpd.slice.0-999.json", content)
    with pytest.raises(InputError, match=f"{path}: .*{message}"):
        read(path)


def test_nowplaying_lines_as_they_are(tmp_path: Path) -> None:
    r"""Spaces in the header, commas, quotes of every style, and lines of too few or too many values."""
    path = tmp_path / "spotify_dataset.csv"
    path.write_text(
        NOWPLAYING_HEADER
        + '"9cc0","Elvis Costello","Alison","HARD ROCK 2010"\n'
        + '"9cc0","Elvis Costello","\\"Alison\\"","with \\"escaped\\" quotes"\n'
        + '"9cc0","Elvis Costello",""Alison"","with "stray", quotes"\n'
        + '"9cc0","Beatles, The","Help!","HARD ROCK 2010"\n'
        + '"9cc0","The Beatles","Help!","HARD ROCK 2010"\r\n'
        + '"07f0","","Help!","no artist"\n'
        + '"07f0","The Beatles","Help!"\n'
        + '"07f0","The Beatles","Help!","too","many"\n'
        + '"07f0","The Beatles","Help!","',
        encoding="utf-8",
        newline="",
    )
    tracks, report = read(path)
    assert tracks == [
        ("andrewmvd:9cc0/HARD ROCK 2010", ALISON, 0),
        ("andrewmvd:9cc0/HARD ROCK 2010", HELP, 2),
        ('andrewmvd:9cc0/with "stray", quotes', ALISON, 0),
        ('andrewmvd:9cc0/with \\"escaped\\" quotes', ALISON, 0),
    ]
    assert report["rows"] == 9
    assert report["playlists"] == 4
    assert report["dropped"] == {"faulty line": 3, "not in the catalog": 2, "repeated on the playlist": 0}


def test_nowplaying_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A playlist that spans batches keeps counting, and a repetition is seen across them."""
    path = tmp_path / "spotify_dataset.csv"
    lines = [f'"u","{artist}","{title}","p"\n' for artist, title in [("The Beatles", "Help!"), ("X", "Y")] * 50]
    path.write_text(NOWPLAYING_HEADER + "".join(lines) + '"u","Elvis Costello","Alison - Live","p"\n')
    whole = read(path)
    monkeypatch.setattr("feature_pipeline.sources.playlists.nowplaying.BATCH_BYTES", 100)
    assert read(path) == whole
    assert whole[0] == [("andrewmvd:u/p", HELP, 0), ("andrewmvd:u/p", LIVE, 100)]


def test_nowplaying_with_no_readable_line(tmp_path: Path) -> None:
    """A file of another make is an error, not an empty result."""
    path = write(tmp_path / "spotify_dataset.csv", NOWPLAYING_HEADER.strip(), "9cc0;The Beatles;Help!;p")
    with pytest.raises(InputError, match=f'{path}: no line of it reads "user","artist","title","playlist"'):
        read(path)


@pytest.mark.parametrize(
    "row", [f"1,{HELP}", f"1,spotify:track:{HELP}", f"1,https://open.spotify.com/track/{HELP}?si=x"]
)
@pytest.mark.parametrize("header", ["playlist_id,track_id", "pid,track_uri", "PID , uri"])
def test_generic_ids_and_spellings(tmp_path: Path, header: str, row: str) -> None:
    """Ids, URIs and links are the same; playlists go by the file's name."""
    assert read(write(tmp_path / "mine.csv", header, row))[0] == [("mine:1", HELP, 0)]


def test_generic_title_and_artist(tmp_path: Path) -> None:
    """Without ids, the first artist and the title find the recording's own track."""
    path = write(tmp_path / "mine.csv", "playlist_id,title,artist", "1,alison,Elvis Costello;Someone", "1,Help,Elvis")
    tracks, report = read(path)
    assert tracks == [("mine:1", ALISON, 0)]
    assert (report["by_id"], report["by_title"]) == (0, 1)


def test_generic_parquet_with_numbers(tmp_path: Path) -> None:
    """Numeric playlist ids and positions are fine; the row's own track wins over its title."""
    path = tmp_path / "lists.parquet"
    columns = {
        "pid": [12, 12],
        "pos": [5, 3],
        "track_id": [ALISON_2005, HELP],
        "title": ["Help!"] * 2,
        "artist": ["The Beatles"] * 2,
    }
    pq.write_table(pa.table(columns), path)
    assert read(path)[0] == [("lists:12", HELP, 3), ("lists:12", ALISON_2005, 5)]


def test_a_title_without_an_artist_matches_nothing(tmp_path: Path) -> None:
    """Neither does a track of the catalog that has no name."""
    path = write(tmp_path / "mine.csv", "playlist_id,title,artist", "1,Help!,", "1,,The Beatles", "1,,")
    assert read(path)[0] == []


def test_a_row_without_a_playlist_is_faulty(tmp_path: Path) -> None:
    """It is counted, and takes no place on a playlist."""
    tracks, report = read(write(tmp_path / "mine.csv", "playlist_id,track_id", f",{HELP}", f"1,{HELP}"))
    assert tracks == [("mine:1", HELP, 0)]
    assert report["dropped"] == {"faulty line": 1, "not in the catalog": 0, "repeated on the playlist": 0}


def test_a_negative_position(tmp_path: Path) -> None:
    """The message names file, column and row."""
    path = write(tmp_path / "mine.csv", "pid,pos,track_id", f"1,0,{HELP}", f"1,-2,{ALISON}")
    with pytest.raises(InputError, match=f"{path}, column 'pos', row 2: "):
        read(path)


def test_what_holds_no_playlists_is_refused(tmp_path: Path) -> None:
    """Each file is told why; none is read."""
    tracks = write(tmp_path / "playlists.csv", "track_id,title,artist", f"{HELP},Help!,The Beatles")
    notes = write(tmp_path / "README.md", "# Playlists", "playlist_id, track_id")
    settings_file = write(tmp_path / "settings.json", '{"playlists": 3}')
    empty = tmp_path / "empty.csv"
    empty.touch()
    recognition = recognize_playlists([tracks, notes, settings_file, empty, tmp_path / "absent.csv"])
    assert recognition.taken == []
    assert {path.name: why.split(":")[0] for path, why in recognition.refused.items() if path != empty} == {
        "playlists.csv": "no playlists",
        "README.md": "no playlists",
        "settings.json": "no playlists",
        "absent.csv": str(tmp_path / "absent.csv"),
    }
    assert "the file is empty" in recognition.refused[empty]


def test_no_playlists_at_all() -> None:
    """Nothing in, an empty group out."""
    playlists = read_playlists([], CATALOG)
    assert playlists.report == []
    assert PLAYLIST_TRACKS.validate(playlists.tracks).empty


def test_an_empty_catalog_knows_nothing(tmp_path: Path) -> None:
    """Every row is counted as unknown."""
    path = write(tmp_path / "mine.csv", "playlist_id,track_id", f"1,{HELP}")
    assert read(path, catalog=CATALOG.iloc[:0])[1]["dropped"]["not in the catalog"] == 1  # type: ignore[index]  # a dict


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["p", "q", ""]),
        st.integers(0, 5),
        st.sampled_from([*CATALOG["track_id"], "F" * 22, ""]),
        st.sampled_from(["Help!", "Alison", "ALISON (2005 Remaster)", "Alison - Live", "Nothing", ""]),
        st.sampled_from(["Beatles", "Elvis Costello", ""]),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, seed=st.integers(0, 2**16))
def test_laws_of_reading(tmp_path: Path, rows: list[tuple[object, ...]], seed: int) -> None:
    """No recording is twice on a playlist, and neither the order of rows nor that of the catalog matters."""
    header = ("playlist_id", "position", "track_id", "title", "artist")
    path = tmp_path / "mine.csv"

    def reading(rows: Sequence[tuple[object, ...]], catalog: pd.DataFrame) -> tuple[object, ...]:
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *rows])
        return read(path, catalog=catalog)

    tracks, report = reading(rows, CATALOG)
    recordings = CATALOG.set_index("track_id")["recording_id"]
    pairs = [(playlist, recordings[track_id]) for playlist, track_id, _ in tracks]
    assert len(set(pairs)) == len(pairs)
    shuffled = random.Random(seed).sample(rows, len(rows))
    again, report_again = reading(shuffled, CATALOG.sample(frac=1, random_state=seed))
    assert again == tracks
    assert report_again == report


@pytest.fixture(scope="module")
def catalog(shared_data: Path) -> pd.DataFrame:
    """Return TidyTuesday's tracks as a catalog in which every track is a recording of its own."""
    columns = {"track_id": "track_id", "track_name": "title", "track_artist": "artists"}
    wanted = pa.csv.ConvertOptions(include_columns=list(columns))
    songs = pa.csv.read_csv(shared_data / "tidytuesday_spotify_songs.csv", convert_options=wanted).to_pandas()
    songs = songs.rename(columns=columns).drop_duplicates("track_id")
    return songs.assign(recording_id=songs["track_id"], popularity_percentile=0.5)


def test_tidytuesdays_playlists(shared_data: Path, catalog: pd.DataFrame) -> None:
    """The real file: 471 playlists, every row by id, and only tracks listed under two subgenres repeat."""
    tracks, report = read(shared_data / "tidytuesday_spotify_songs.csv", catalog=catalog)
    assert report == {
        "source": "tidytuesday",
        "rows": 32_833,
        "playlists": 471,
        "by_id": 32_251,
        "by_title": 0,
        "dropped": {"faulty line": 0, "not in the catalog": 0, "repeated on the playlist": 582},
    }
    assert len({playlist for playlist, _, _ in tracks}) == 471
    assert tracks[0][0].startswith("tidytuesday:")


def test_the_million_playlists_of_the_shared_data(shared_data: Path, catalog: pd.DataFrame) -> None:
    """The real file: 1,636 playlists, 68,492 rows, the dataset's own positions."""
    path = shared_data / "playlists_mpd_train.parquet"
    tracks, report = read(path, catalog=catalog)
    assert (report["rows"], report["playlists"]) == (68_492, 1_636)
    known = pq.read_table(path).to_pandas()
    known = known[known["track_id"].isin(catalog["track_id"])].sort_values("pos").drop_duplicates(["pid", "track_id"])
    assert set(tracks) == {
        (f"playlists_mpd_train:{pid}", track_id, pos)
        for pid, pos, track_id in known[["pid", "pos", "track_id"]].itertuples(index=False)
    }


def test_all_playlist_files_of_the_shared_data(shared_data: Path) -> None:
    """Two files hold playlists, and no file of mere tracks is taken for one."""
    taken = recognize_playlists(sorted(shared_data.iterdir())).taken
    assert [(source.name_of(path), path.name) for source, path in taken] == [
        ("playlists_mpd_train", "playlists_mpd_train.parquet"),
        ("tidytuesday", "tidytuesday_spotify_songs.csv"),
    ]


def test_every_source_that_can_be_downloaded_says_where() -> None:
    """Two have a hub: the web for TidyTuesday, Kaggle for the #nowplaying playlists."""
    hubs = {source.name: (source.hub.kind, source.hub.files) for source in PLAYLIST_SOURCES if source.hub}
    assert hubs == {
        "tidytuesday": ("web", ("spotify_songs.csv",)),
        "andrewmvd": ("kaggle", ("spotify_dataset.csv",)),
    }
