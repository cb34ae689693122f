"""Every dataset is recognized by its columns and brought to the same ones."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from feature_pipeline.endings import check_ending
from feature_pipeline.merging import merge
from feature_pipeline.reading import SourceTracks, read_source
from feature_pipeline.recognition import recognize
from feature_pipeline.sources.tracks import TRACK_SOURCES
from segue.errors import InputError
from segue.groups import TRACKS

A = "4GiXBCUF7H6YfNQsnBRIzl"
B = "1zyqZONW985Cs4osz9wlsu"
FEATURES = (
    "danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,"
    "liveness,valence,tempo,duration_ms,time_signature"
)
VALUES = "0.6,0.5,4,-7.3,1,0.03,0.4,0,0.2,0.5,133.1,196707,4"

FILES_12M = {
    "tracks_features.csv": "id,name,album,album_id,artists,artist_ids,track_number,disc_number,explicit,"
    f"{FEATURES},year,release_date\n"
    f'{A},Testify,The Battle Of Los Angeles,x,"[\'Rage Against The Machine\', ""Guns N\' Roses""]","[\'i\', \'j\']",'
    f"1,1,False,{VALUES},1999,1999-11-02\n"
    f"{B},Guerrilla Radio,The Battle Of Los Angeles,x,\"['[bsd.u]']\",['i'],2,1,True,{VALUES},0,1999\n"
}
FILES_YAMAERENAY = {
    "tracks.csv": f"id,name,popularity,duration_ms,explicit,artists,id_artists,release_date,{FEATURES}\n".replace(
        "tempo,duration_ms,", "tempo,"
    )
    + f"{A},Carve,6,126903,0,['Uli'],\"['u1', 'u2']\",1922-02-22,{VALUES.replace('196707,', '')}\n"
    + f"{B},,0,98200,0,['X'],['u3'],1922,{VALUES.replace('196707,', '')}\n",
    "artists.csv": "id,followers,genres,name,popularity\n"
    "u1,1.0,\"['tango', 'vintage tango']\",Uli,4\nu2,,\"['guitarra argentina', 'tango']\",Two,0\nu3,0.0,[],X,0\n",
}
FILES_TONYGORDONJR = {
    "spotify_features_data_2023.csv": "danceability,energy,key,loudness,mode,speechiness,acousticness,"
    "instrumentalness,liveness,valence,tempo,type,id,uri,track_href,analysis_url,duration_ms,time_signature\n"
    f"0.6,0.5,4,-7.3,1,0.03,0.4,0,0.2,0.5,133.1,audio_features,{A},spotify:track:{A},h,a,196707,4\n",
    "spotify_tracks_data_2023.csv": f"id,track_popularity,explicit\n{B},1,false\n{A},75,true\n",
    "spotify-albums_data_2023.csv": "track_name,track_id,track_number,duration_ms,album_type,artists,total_tracks,"
    "album_name,release_date,label,album_popularity,album_id,artist_id,artist_0,artist_1,duration_sec\n"
    f"Mask Off,{A},7,204600,album,\"['Future', 'Kendrick Lamar']\",17,FUTURE,2017-06-30 00:00:00 UTC,Epic,80,al,ar,"
    "Future,Kendrick Lamar,204.6\n"
    f"Mask Off,{A},1,204600,single,\"['Future', 'Kendrick Lamar']\",1,Mask Off,2018-01-01 00:00:00 UTC,Epic,9,bl,ar,"
    "Future,Kendrick Lamar,204.6\n",
    "spotify_artist_data_2023.csv": "id,name,artist_popularity,artist_genres,followers,genre_0,genre_1\n"
    "ar,Future,90,\"['atl hip hop', 'rap']\",1000,atl hip hop,rap\n",
}
FILES_TONYGORDONJR_JOINED = {
    "spotify_data_12_20_2023.csv": "track_id,track_name,artists,album_name,release_year,release_month,explicit,"
    f"artist_genres,genre_0,track_popularity,{FEATURES}\n"
    f"{A},Mask Off,['Future'],FUTURE,2017,6,true,\"['atl hip hop', 'rap']\",rap,75,{VALUES}\n"
}
FILES_THEDEVASTATOR = {
    "train.csv": f"index,track_id,artists,album_name,track_name,popularity,explicit,track_genre,{FEATURES}\n"
    f"0,{A},Gen Hoshino;[Alexandros],Comedy,Comedy,73,False,acoustic,{VALUES}\n"
    f"1,{A},Gen Hoshino;[Alexandros],Comedy,Comedy,75,False,j-pop,{VALUES}\n"
}


def written(folder: Path, files: dict[str, str]) -> list[Path]:
    """Write files under names that tell nothing; the content must."""
    paths = [folder / f"{number}.csv" for number in range(len(files))]
    for path, content in zip(paths, files.values(), strict=True):
        path.write_text(content, encoding="utf-8")
    return paths


def only(paths: list[Path]) -> SourceTracks:
    """Read files that are one dataset."""
    recognition = recognize(paths)
    assert not recognition.refused
    ((source, files),) = recognition.taken
    assert sorted(files) == sorted(paths)
    return read_source(source, files)


def row(tracks: SourceTracks, track_id: str) -> dict[str, object]:
    """Return what is known of a track."""
    return next(row for row in tracks.table.to_pylist() if row["track_id"] == track_id)


def test_names_are_unique_and_hubs_name_their_files() -> None:
    """A dataset is chosen by name on the command line."""
    names = [source.name for source in TRACK_SOURCES]
    assert len(set(names)) == len(names)
    hubs = {source.hub.name: source.hub for source in TRACK_SOURCES if source.hub}
    assert "tomigelo/spotify-audio-features" in hubs
    assert all(hub.files for hub in hubs.values())


def test_the_1_2_million(tmp_path: Path) -> None:
    """Artists are Python lists there, some names hold quotes and brackets, and a year of 0 is no year."""
    tracks = only(written(tmp_path, FILES_12M))
    assert tracks.source.name == "rodolfofigueroa"
    assert row(tracks, A)["artists"] == "Rage Against The Machine;Guns N' Roses"
    assert row(tracks, A)["year"] == 1999
    assert row(tracks, B)["artists"] == "[bsd.u]"
    assert row(tracks, B)["year"] is None
    assert row(tracks, B)["explicit"] is True


def test_yamaerenay_joins_the_genres_of_all_artists(tmp_path: Path) -> None:
    """Genres are known by artist id: a track has those of all its artists, each once."""
    tracks = only(written(tmp_path, FILES_YAMAERENAY))
    assert tracks.source.name == "yamaerenay"
    assert row(tracks, A)["artist_genres"] == "guitarra argentina;tango;vintage tango"
    assert row(tracks, A)["year"] == 1922
    assert row(tracks, B)["artist_genres"] is None
    assert row(tracks, B)["title"] is None
    assert tracks.rows == 2


def test_yamaerenay_without_its_artists(tmp_path: Path) -> None:
    """Tracks are of use without genres; artists without tracks are not."""
    tracks, artists = written(tmp_path, FILES_YAMAERENAY)
    assert "artist_genres" not in only([tracks]).table.column_names
    assert "needs beside it" in recognize([artists]).refused[artists]


def test_tonygordonjr_joins_its_four_files(tmp_path: Path) -> None:
    """Features, albums, popularity and artists' genres lie in four files; a track on two albums is taken once."""
    tracks = only(written(tmp_path, FILES_TONYGORDONJR))
    assert tracks.source.name == "tonygordonjr"
    assert tracks.table.num_rows == 1
    known = row(tracks, A)
    assert known["title"] == "Mask Off"
    assert known["artists"] == "Future;Kendrick Lamar"
    assert known["album"] == "FUTURE"
    assert known["year"] == 2017
    assert known["popularity"] == 75
    assert known["explicit"] is True
    assert known["artist_genres"] == "atl hip hop;rap"
    assert known["tempo"] == 133.1


def test_tonygordonjr_ready_joined(tmp_path: Path) -> None:
    """The same dataset as one file."""
    tracks = only(written(tmp_path, FILES_TONYGORDONJR_JOINED))
    assert tracks.source.name == "tonygordonjr_joined"
    assert row(tracks, A)["artist_genres"] == "atl hip hop;rap"
    assert row(tracks, A)["year"] == 2017


def test_thedevastator_is_maharshipandya(tmp_path: Path) -> None:
    """One row per track and genre: genres are united, the highest popularity is kept."""
    tracks = only(written(tmp_path, FILES_THEDEVASTATOR))
    assert tracks.source.name == "maharshipandya"
    assert row(tracks, A)["genres"] == "acoustic;j-pop"
    assert row(tracks, A)["popularity"] == 75
    assert row(tracks, A)["artists"] == "Gen Hoshino;[Alexandros]"


@pytest.mark.parametrize(
    ("track_id", "title", "artists"),
    [
        ("track_id", "track_name", "artist_name"),
        ("id", "name", "artists"),
        ("uri", "track", "artist"),
        ("id_track", "title", "first_artist"),
        ("track_id", "title", "track_artist"),
    ],
)
def test_any_file_with_the_usual_names(tmp_path: Path, track_id: str, title: str, artists: str) -> None:
    """The generic source takes each spelling, from CSV and Parquet, and is named after the file."""
    path = tmp_path / "mine.csv"
    path.write_text(f"{track_id},{title},{artists},{FEATURES}\nspotify:track:{A},True,['X'],{VALUES}\n")
    tracks = only([path])
    assert tracks.source.name == "mine"
    assert (row(tracks, A)["title"], row(tracks, A)["artists"]) == ("True", "X")
    names = FEATURES.split(",")
    columns = {track_id: [A], title: ["None"], artists: [["X", "Y"]]}
    floats = {name: [float(value)] for name, value in zip(names, VALUES.split(","), strict=True)}
    pq.write_table(pa.table({**columns, **floats, "popularity_track": [7]}), tmp_path / "mine.parquet")
    tracks = only([tmp_path / "mine.parquet"])
    assert (row(tracks, A)["title"], row(tracks, A)["artists"]) == ("None", "X;Y")
    assert row(tracks, A)["popularity"] == 7


@pytest.mark.parametrize(
    ("header", "values", "known"),
    [
        ("track_id,title", "True", {"title": "True"}),
        ("track_uri,track,artist", "x,y", {"title": "x", "artists": "y"}),
        ("id,name,artists,isrc", "x,y,USX", {"title": "x", "artists": "y", "isrc": "USX"}),
        ("id,name,tempo,key", "x,120,3", {"title": "x", "tempo": 120, "key": 3}),
        (f"id,name,{FEATURES}", f"x,{VALUES}", {"title": "x", "tempo": 133.1}),
        (f"id,{FEATURES},year", f"{VALUES},1999", {"year": 1999, "tempo": 133.1}),
        (f"id,artist,{FEATURES}", f"y,{VALUES}", {"artists": "y", "tempo": 133.1}),
    ],
)
def test_a_title_or_audio_features_are_enough(
    tmp_path: Path, header: str, values: str, known: dict[str, object]
) -> None:
    """Beside a track id; everything else is taken where it is there, and the rest is simply not known."""
    path = tmp_path / "mine.csv"
    path.write_text(f"{header}\n{A},{values}\n")
    tracks = only([path])
    assert tracks.source.name == "mine"
    assert row(tracks, A).items() >= known.items()
    assert ("only enriches" in tracks.source.title) == ("title" not in known)
    merged = merge([tracks], include_unnamed=True).tracks
    assert TRACKS.validate(merged)["track_id"].tolist() == [A]
    assert merge([tracks]).tracks["title"].tolist() == ([known["title"]] if "title" in known else [])


@pytest.mark.parametrize("name", ["SONGS.CSV", "Songs.Csv.GZ", "SONGS.PARQUET"])
def test_suffixes_in_any_case(tmp_path: Path, name: str) -> None:
    """As some systems write them."""
    content = f"track_id,title\n{A},x\n".encode()
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith("GZ") else content)
    if name.endswith("PARQUET"):
        pq.write_table(pa.table({"track_id": [A], "title": ["x"]}), path)
    assert row(only([path]), A)["title"] == "x"


def test_names_and_features_may_come_from_two_files(tmp_path: Path) -> None:
    """One file names a track, another knows how it sounds."""
    (tmp_path / "names.csv").write_text(f"track_id,title,artist\n{A},x,y\n")
    (tmp_path / "sounds.csv").write_text(f"id,{FEATURES}\n{A},{VALUES}\n{B},{VALUES}\n")
    taken = recognize(sorted(tmp_path.iterdir())).taken
    (track,) = merge([read_source(*each) for each in taken]).tracks.to_dict("records")
    assert (track["track_id"], track["title"], track["source"]) == (A, "x", "sounds")
    assert track["tempo"] == pytest.approx(133.1)


def test_files_that_are_no_datasets_of_tracks_are_refused_with_a_reason(tmp_path: Path) -> None:
    """A folder may hold anything: playlists, notes, figures by artist."""
    contents = {
        "playlists.csv": f"pid,pos,track_id\n0,0,{A}\n",
        "named_playlists.csv": f"playlist_id,track_id,track_name,artist_name\n0,{A},x,y\n",
        "artists.csv": f"id,name,country\n{A},X,PT\n",
        "by_artist.csv": f"artists,{FEATURES}\nX,{VALUES}\n",
        "README.md": "# Notes",
        "mpd.slice.0-999.json": "{}",
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
    recognition = recognize(sorted(tmp_path.iterdir()))
    assert not recognition.taken
    reasons = {path.name: reason for path, reason in recognition.refused.items()}
    assert reasons["playlists.csv"] == "neither tracks' titles nor audio features"
    assert reasons["artists.csv"] == reasons["named_playlists.csv"] == reasons["playlists.csv"]
    assert "no column of Spotify track ids" in reasons["by_artist.csv"]
    assert reasons["README.md"] == reasons["mpd.slice.0-999.json"]
    assert reasons["README.md"] == "neither CSV nor Parquet: its name ends in none of .csv, .csv.gz, .parquet"


@pytest.mark.parametrize("column", ["tempo", "danceability"])
@pytest.mark.parametrize("names", ["track_name,artist_name", "track_name,other", "other,another"])
def test_a_dataset_with_a_renamed_feature_is_an_error(tmp_path: Path, column: str, names: str) -> None:
    """Passing over a feature, or a whole dataset, because one name is off would go unnoticed."""
    path = tmp_path / "tracks.csv"
    header = f"track_id,{names},popularity,{FEATURES}".replace(column, "bpm")
    path.write_text(f"{header}\n{A},x,y,1,{VALUES}\n")
    with pytest.raises(InputError) as caught:
        recognize([path])
    assert caught.value.file == path
    assert column in str(caught.value)


def test_a_known_dataset_that_lacks_a_column_is_named(tmp_path: Path) -> None:
    """Columns of its own give a dataset away, so that whatever else it lacks can be said."""
    path = written(tmp_path, {"x": FILES_THEDEVASTATOR["train.csv"].replace("popularity", "pop")})[0]
    ((source, files),) = recognize([path]).taken
    with pytest.raises(InputError) as caught:
        read_source(source, files)
    assert (caught.value.file, caught.value.column) == (path, "popularity")


@pytest.mark.parametrize("cut", [1, 2, 5])
def test_a_dataset_cut_inside_its_last_column(tmp_path: Path, cut: int) -> None:
    """Each row has as many values as it should; but the files of this dataset end in a newline."""
    path = tmp_path / "tracks.csv"
    path.write_text(
        f"artist_name,track_id,track_name,{FEATURES},popularity\nX,{A},x,{VALUES},7\nX,{B},x,{VALUES},0067\n"
    )
    only([path])
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(InputError, match="the file ends in the middle of this row") as caught:
        only([path])
    assert (caught.value.file, caught.value.column, caught.value.row) == (path, "popularity", 2)


@pytest.mark.parametrize("cut", range(1, 5))
def test_the_hit_predictor_cut_inside_its_last_column(tmp_path: Path, cut: int) -> None:
    """Its files have no newline at their end, but few different values in their last column."""
    path = tmp_path / "tracks.csv"
    header = f"uri,track,artist,{FEATURES},chorus_hit,sections,target,decade"
    path.write_text("\n".join([header, *(f"spotify:track:{each},x,X,{VALUES},1,1,1,1960" for each in (A, B))]))
    assert only([path]).source.name == "hit_predictor"
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(InputError, match="the file ends in the middle of this row") as caught:
        only([path])
    assert (caught.value.file, caught.value.column, caught.value.row) == (path, "decade", 2)


def test_the_real_files_cut_inside_their_last_column(tmp_path: Path, shared_data: Path) -> None:
    """Whole, each of them ends as its dataset's files should; cut after thirty rows, none does."""
    for source, files in recognize(sorted(shared_data.glob("*.csv"))).taken:
        for file in files:
            check_ending(file, source.ending)
            with file.open("rb") as whole:
                head = b"".join(whole.readline() for _ in range(31))
            (tmp_path / file.name).write_bytes(head.rstrip()[:-1])
            with pytest.raises(InputError, match="the file ends in the middle of this row") as caught:
                read_source(source, [tmp_path / file.name])
            assert caught.value.row == 30


def test_ids_that_are_none(tmp_path: Path) -> None:
    """A file whose `id` counts its rows holds nothing that can be matched."""
    path = tmp_path / "tracks.csv"
    path.write_text(f"id,name,artists,{FEATURES}\n17,x,y,{VALUES}\n")
    with pytest.raises(InputError, match="no Spotify track id"):
        only([path])
    path.write_text(f"id,name,artists,{FEATURES}\n17,x,y,{VALUES}\n,x,y,{VALUES}\n{A},x,y,{VALUES}\n")
    tracks = only([path])
    assert tracks.table.num_rows == 1
    assert +tracks.dropped == {"no track id": 1, "not a Spotify id": 1}


def test_links_and_uris_are_ids_too(tmp_path: Path) -> None:
    """People paste what Spotify's "share" gives them."""
    path = tmp_path / "tracks.csv"
    path.write_text(
        f"id,name,artists,{FEATURES}\nhttps://open.spotify.com/intl-de/track/{A}?si=1,x,y,{VALUES}\n"
        f"spotify:track:{B},x,y,{VALUES}\n"
    )
    assert set(only([path]).table["track_id"].to_pylist()) == {A, B}


def test_of_two_files_of_a_dataset_the_larger_is_the_later(tmp_path: Path) -> None:
    """Tomigelo's November is nearly a subset of April."""
    header = f"artist_name,track_id,track_name,popularity,{FEATURES}\n"
    november, april = tmp_path / "n.csv", tmp_path / "a.csv"
    november.write_text(f"{header}X,{A},x,90,{VALUES}\n")
    april.write_text(f"{header}X,{A},x,10,{VALUES.replace('133.1', '99')}\nY,{B},y,20,{VALUES}\n")
    tracks = only([november, april])
    assert tracks.source.name == "tomigelo"
    assert (row(tracks, A)["popularity"], row(tracks, A)["tempo"]) == (10, 99)


def test_the_real_files_are_recognized(shared_data: Path) -> None:
    """Each file of the shared folder goes to its dataset, and playlists and notes to none."""
    recognition = recognize(sorted(shared_data.iterdir()))
    files = {source.name: len(paths) for source, paths in recognition.taken}
    assert files == {
        "hit_predictor": 6,
        "maharshipandya": 1,
        "rodolfofigueroa_part": 1,
        "tidytuesday": 1,
        "tomigelo": 1,
        "yamaerenay_unnamed": 1,
    }
    assert {path.name for path in recognition.refused} == {"README.md", "playlists_mpd_train.parquet"}
