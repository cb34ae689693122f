"""Datasets become one catalog."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feature_pipeline.merging import Catalog, merge
from feature_pipeline.reading import SourceTracks, read_source
from feature_pipeline.recognition import recognize
from segue.groups import AUDIO_FEATURES, TRACKS

FEATURES = list(AUDIO_FEATURES)
A, B, C, D = ("A" * 22, "B" * 22, "C" * 22, "D" * 22)


def read(paths: list[Path]) -> list[SourceTracks]:
    """Read all datasets that the files are."""
    return [read_source(source, files) for source, files in recognize(paths).taken]


@pytest.fixture(scope="module")
def five(shared_data: Path) -> list[SourceTracks]:
    """Return the five named real datasets."""
    return read(sorted(shared_data.glob("*.csv")))


@pytest.fixture(scope="module")
def catalog(five: list[SourceTracks]) -> Catalog:
    """Return the catalog of the five."""
    return merge(five)


@pytest.fixture(scope="module")
def six(five: list[SourceTracks], shared_data: Path) -> list[SourceTracks]:
    """Return the five and 583,363 tracks without names."""
    return [*five, *read([shared_data / "scale_583k_tracks_without_names.parquet"])]


def test_the_five_datasets_together(catalog: Catalog) -> None:
    """Exactly 185,264 ids, 185,259 with a title, and about 165,100 recordings."""
    report = catalog.report
    assert (report.ids, report.titled, report.left_out, report.tracks) == (185_264, 185_259, 5, 185_259)
    assert report.recordings == pytest.approx(165_100, rel=0.01)
    assert report.recordings == catalog.tracks["recording_id"].nunique()
    assert len(TRACKS.validate(catalog.tracks)) == 185_259
    assert catalog.tracks["track_id"].is_monotonic_increasing


def test_the_report_adds_up(catalog: Catalog) -> None:
    """Rows read are dropped for a reason or are tracks; each track is new in exactly one dataset."""
    sources = {one.name: one for one in catalog.report.sources}
    assert {name: (one.rows, one.ids) for name, one in sources.items()} == {
        "maharshipandya": (114_000, 89_741),
        "rodolfofigueroa_part": (14_456, 14_456),
        "tidytuesday": (32_833, 28_356),
        "hit_predictor": (41_106, 40_560),
        "tomigelo": (20_000, 19_994),
    }
    assert all(one.rows - sum(one.dropped.values()) == one.ids for one in sources.values())
    assert sum(one.new for one in sources.values()) == catalog.report.ids
    assert next(iter(sources)) == "maharshipandya"
    assert sum(one.rows for one in sources.values()) == 222_395
    assert sources["maharshipandya"].dropped["exact repeat"] == 450
    assert all(one.recordings <= one.titled for one in sources.values())
    assert json.loads(json.dumps(catalog.report.to_dict()))["recordings"] == catalog.report.recordings


def test_all_features_of_a_track_come_from_one_crawl(five: list[SourceTracks], catalog: Catalog) -> None:
    """The newest one that has the track, and it is named."""
    merged = catalog.tracks.set_index("track_id")
    unseen = pd.Series(data=True, index=merged.index)
    for one in sorted(five, key=lambda one: one.source.crawled, reverse=True):
        own = one.table.to_pandas().set_index("track_id").reindex(columns=FEATURES)
        mine = merged.index[merged["source"].to_numpy() == one.source.name]
        assert set(mine) == set(own.index) & set(unseen.index[unseen])
        np.testing.assert_array_equal(merged.loc[mine, FEATURES].to_numpy(), own.loc[mine].to_numpy("float32"))
        unseen[unseen.index.isin(own.index)] = False


def test_the_order_of_datasets_and_a_second_run_change_nothing(five: list[SourceTracks], catalog: Catalog) -> None:
    """The same input gives the same catalog and the same report."""
    again = merge(list(reversed(five)))
    pd.testing.assert_frame_equal(again.tracks, catalog.tracks)
    assert again.report == catalog.report


def test_tracks_without_names_only_enrich(catalog: Catalog, six: list[SourceTracks]) -> None:
    """They bring year and artist genres by id; which tracks there are, and their features, stay as they were."""
    enriched = merge(six)
    assert (enriched.report.ids, enriched.report.titled, enriched.report.nameless) == (185_264, 185_259, 545_390)
    assert enriched.report.left_out == 545_395
    same = ["track_id", "title", "artists", "album", "genres", "source", *FEATURES]
    pd.testing.assert_frame_equal(enriched.tracks[same], catalog.tracks[same])
    assert enriched.tracks["artist_genres"].notna().sum() > 35_000
    assert enriched.tracks["year"].notna().sum() > catalog.tracks["year"].notna().sum() + 25_000
    assert catalog.tracks["artist_genres"].isna().all()


def test_unnamed_tracks_on_request(six: list[SourceTracks]) -> None:
    """For tests of scale, each of them is a recording of its own."""
    everything = merge(six, include_unnamed=True)
    assert everything.report.tracks == len(everything.tracks) == 730_654
    assert everything.report.left_out == 0
    unnamed = everything.tracks[everything.tracks["title"].isna()]
    assert (unnamed["recording_id"] == unnamed["track_id"]).all()
    assert len(unnamed) == 545_395


def test_copies_of_a_recording_collapse_to_the_most_popular(catalog: Catalog) -> None:
    """The worst case is a Christmas song with over 40 ids; live and remix are recordings of their own."""
    tracks = catalog.tracks
    copies = tracks.groupby("recording_id")["track_id"].transform("size")
    worst = tracks[copies == copies.max()]
    assert 40 <= copies.max() <= 50
    song = tracks[tracks["recording_id"] == worst["recording_id"].iloc[0]]
    stands = song[song["track_id"] == song["recording_id"]]
    assert stands["popularity_percentile"].item() == song["popularity_percentile"].max()
    own = tracks[tracks["track_id"] == tracks["recording_id"]]
    assert own["recording_id"].is_unique
    assert set(own["recording_id"]) == set(tracks["recording_id"])


def table(**columns: list[object]) -> pd.DataFrame:
    """Return tracks in the generic shape; features not given are 0.5."""
    frame = pd.DataFrame(columns)
    for feature in FEATURES:
        if feature not in frame:
            frame[feature] = {"key": 1, "mode": 1, "tempo": 100, "duration_ms": 1000, "time_signature": 4}.get(
                feature, 0.5
            )
    return frame


def tidytuesday(**columns: list[object]) -> pd.DataFrame:
    """Return tracks in TidyTuesday's shape (crawled in 2020)."""
    frame = table(**columns).rename(
        columns={"name": "track_name", "artist": "track_artist", "popularity": "track_popularity"}
    )
    return frame.assign(
        track_album_id="x", track_album_name="x", track_album_release_date="2001-02-03", playlist_subgenre="x"
    )


def maharshipandya(**columns: list[object]) -> pd.DataFrame:
    """Return tracks in maharshipandya's shape (crawled in 2022)."""
    frame = table(**columns).rename(columns={"name": "track_name", "artist": "artists"})
    return frame.assign(album_name=None, explicit=True, track_genre="pop")


def merged(folder: Path, *frames: pd.DataFrame) -> pd.DataFrame:
    """Write the frames as CSV files, read and merge them; the result is indexed by track id."""
    paths = [folder / f"{number}.csv" for number in range(len(frames))]
    for frame, path in zip(frames, paths, strict=True):
        frame.to_csv(path, index=False)
    return merge(read(paths)).tracks.set_index("track_id")


def test_fields_come_from_the_newest_crawl_that_has_them(tmp_path: Path) -> None:
    """A newer crawl without an album or a year does not erase an older one's."""
    old = tidytuesday(track_id=[A, B], name=["Old", "B"], artist=["X", "Y"], popularity=[90, 10], tempo=[90, 91])
    new = maharshipandya(track_id=[A], name=["New"], artist=["X"], popularity=[20], tempo=[180])
    tracks = merged(tmp_path, old, new)
    assert tracks.loc[A, ["title", "album", "genres", "tempo", "source"]].tolist() == [
        "New",
        "x",
        "pop",
        180,
        "maharshipandya",
    ]
    assert tracks.loc[A, ["year", "popularity", "popularity_percentile"]].tolist() == [2001, 20, 0]
    assert tracks.loc[B, ["year", "popularity", "popularity_percentile"]].tolist() == [2001, 10, 0]


def test_a_failed_analysis_is_not_patched_from_another_crawl(tmp_path: Path) -> None:
    """Features of two crawls are never mixed, so a tempo that failed stays missing."""
    old = tidytuesday(track_id=[A], name=["A"], artist=["X"], popularity=[1], tempo=[90])
    new = maharshipandya(track_id=[A], name=["A"], artist=["X"], popularity=[1], tempo=[0])
    assert pd.isna(merged(tmp_path, old, new).loc[A, "tempo"])


def test_recordings(tmp_path: Path) -> None:
    """Remasters are the same recording, live versions are not, and equal popularity is settled by id."""
    ids = [D, B, C, A]
    titles = ["Song - Remastered 2011", "Song", "Song - Live", "Song (feat. Z)"]
    new = maharshipandya(track_id=ids, name=titles, artist=["The X"] * 4, popularity=[5, 7, 1, 7])
    assert merged(tmp_path, new)["recording_id"].to_dict() == {A: A, B: A, C: C, D: A}


def test_songs_of_one_title_without_an_artist_are_not_one_recording(tmp_path: Path) -> None:
    """A title alone says too little."""
    frame = maharshipandya(track_id=[A, B], name=["Intro"] * 2, artist=[None] * 2, popularity=[1, 2])
    assert merged(tmp_path, frame)["recording_id"].to_dict() == {A: A, B: B}


rows = st.lists(
    st.tuples(
        st.sampled_from([A, B, C, D]),
        st.sampled_from(["Song", "Song - Mono", "Lied", ""]),
        st.sampled_from(["X", "Y", ""]),
        st.integers(0, 100),
        st.integers(60, 64),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows, rows, st.randoms(use_true_random=False))
def test_no_order_matters(old: list[tuple[object, ...]], new: list[tuple[object, ...]], random: object) -> None:
    """Shuffled rows give the same catalog, which always fits its schema, with each row accounted for."""
    names = ["track_id", "name", "artist", "popularity", "tempo"]

    def catalog_of(*lists: list[tuple[object, ...]]) -> Catalog:
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / name for name in ("old.csv", "new.csv")]
            for path, shape, one in zip(paths, (tidytuesday, maharshipandya), lists, strict=True):
                shape(**dict(zip(names, map(list, zip(*one, strict=True)), strict=True))).to_csv(path, index=False)
            datasets = read(paths)
        assert all(one.rows - sum(one.dropped.values()) == one.table.num_rows for one in datasets)
        return merge(datasets, include_unnamed=True)

    first = catalog_of(old, new)
    random.shuffle(old)  # type: ignore[attr-defined] - hypothesis' own kind of random.Random
    random.shuffle(new)  # type: ignore[attr-defined] - as above
    second = catalog_of(old, new)
    pd.testing.assert_frame_equal(first.tracks, second.tracks)
    assert set(first.tracks["track_id"]) == {row[0] for row in (*old, *new)}
    TRACKS.validate(first.tracks)
