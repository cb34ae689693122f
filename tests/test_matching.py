"""From played tracks to the catalog."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feature_pipeline.catalog_lookup import CatalogLookup
from feature_pipeline.matching import WAYS, index_catalog, match
from segue.groups import DTYPES

Song = tuple[str, str, str, "str | None"]
CatalogRow = tuple[str, "str | None", "str | None", "str | None", "float | None"]

TEXT = ("track_id", "title", "artists", "isrc")
CATALOG = [
    ("a1", "Blue Train", "John Coltrane;Lee Morgan", "USBN15700001", 0.9),
    ("a2", "Blue Train - Remastered 2003", "John Coltrane", None, 0.4),
    ("b1", "Naima", "John Coltrane", "USAT25900002", 0.7),
    ("c1", "Café del Mar", "Energy 52", None, None),
    ("d1", None, None, None, 1.0),
]


def catalog(rows: Sequence[CatalogRow] = CATALOG) -> pd.DataFrame:
    """Return a catalog of `rows`."""
    frame = pd.DataFrame(rows, columns=[*TEXT, "popularity_percentile"])
    frame = frame.astype({**dict.fromkeys(TEXT, DTYPES["text"]), "popularity_percentile": "float32"})
    return frame.assign(recording_id=frame["track_id"])


def played(*rows: Song) -> pd.DataFrame:
    """Return a frame of played tracks."""
    return pd.DataFrame(rows, columns=TEXT, dtype=DTYPES["text"])


@pytest.mark.parametrize(
    ("track", "found", "way"),
    [
        (("b1", "Another title", "Somebody", "USBN15700001"), "b1", "id"),
        (("x", "Naima (Alternate Take)", "Somebody", "usat2-59-00002"), "b1", "isrc"),
        (("x", "BLUE TRAIN (Mono)", "John Coltrane;Paul Chambers", None), "a1", "title"),
        (("x", "Cafe Del Mar - Radio Edit", "ENERGY 52", "QQ0000000000"), "c1", "title"),
        (("x", "Blue Train - Live", "John Coltrane", None), "a1", "artist"),
        (("x", "A Love Supreme", "john coltrane", None), "a1", "artist"),
        (("x", "Blue Train", "Lee Morgan", None), None, "none"),
        (("x", "Naima", "", None), None, "none"),
    ],
)
def test_the_surest_way_wins(track: Song, found: str | None, way: str) -> None:
    """By id, then ISRC, then title and first artist, then artist; the most popular track stands for its key."""
    result = match(played(track), index_catalog(catalog())).iloc[0]
    assert result["matched_by"] == way
    assert (None if pd.isna(result["matched_track_id"]) else result["matched_track_id"]) == found


def test_a_recordings_own_track_goes_before_its_other_versions() -> None:
    """By title, playlists and listeners are matched to the same track, whichever version is the most popular."""
    versions = catalog().assign(recording_id=lambda rows: rows["track_id"].replace("a1", "a2"))
    assert match(played(("x", "Blue Train", "John Coltrane", None)), index_catalog(versions))[
        "matched_track_id"
    ].to_list() == ["a2"]
    lookup = CatalogLookup(versions)
    found = lookup.find_titles(pa.chunked_array([["Blue Train"]]), pa.chunked_array([["John Coltrane"]]))
    assert lookup.track_ids.take(found).to_pylist() == ["a2"]


def test_frame_is_kept_as_it_is() -> None:
    """Columns, index and order of what was played stay; two columns are added."""
    tracks = played(("b1", "Naima", "John Coltrane", None), ("x", "?", "?", None)).set_axis([7, 3]).assign(rank=[1, 2])
    result = match(tracks, index_catalog(catalog()))
    pd.testing.assert_frame_equal(result[tracks.columns], tracks)
    assert list(result.columns) == [*tracks.columns, "matched_track_id", "matched_by"]


def test_empty_frames_match_nothing() -> None:
    """Neither a new listener nor an empty catalog is an error."""
    assert match(played(), index_catalog(catalog())).empty
    nothing = match(played(("b1", "Naima", "John Coltrane", None)), index_catalog(catalog([])))
    assert nothing["matched_by"].to_list() == ["none"]


words = st.sampled_from(["Blue", "Train", "naïve", "Café", "", "-", "Remastered 2009"])
text = st.lists(words, max_size=3).map(" ".join)
identity = st.sampled_from(list("abcdefgh"))
code = st.none() | st.sampled_from(["US1", "US2", "us-1"])
songs = st.tuples(identity, text, text, code)
catalogs = st.lists(
    st.tuples(identity, st.none() | text, st.none() | text, code, st.none() | st.floats(0, 1, width=32)),
    unique_by=lambda row: row[0],
    max_size=6,
)


@settings(max_examples=30, deadline=None)
@given(rows=catalogs, tracks=st.lists(songs, max_size=6), order=st.randoms(use_true_random=False))
def test_order_of_the_catalog_does_not_matter(rows: list[CatalogRow], tracks: list[Song], order: Random) -> None:
    """The same catalog in any order gives the same matches."""
    shuffled = order.sample(rows, len(rows))
    left, right = (match(played(*tracks), index_catalog(catalog(each))) for each in (rows, shuffled))
    pd.testing.assert_frame_equal(left, right)


@settings(max_examples=30, deadline=None)
@given(rows=catalogs, tracks=st.lists(songs, max_size=6))
def test_laws_of_matching(rows: list[CatalogRow], tracks: list[Song]) -> None:
    """What is matched is in the catalog; a known id is matched to itself; "none" and a missing match go together."""
    known = {row[0] for row in rows}
    result = match(played(*tracks), index_catalog(catalog(rows)))
    for track_id, found, way in zip(result["track_id"], result["matched_track_id"], result["matched_by"], strict=True):
        assert way in {*WAYS, "none"}
        assert (way == "none") == pd.isna(found)
        assert pd.isna(found) or found in known
        assert (way == "id") == (track_id in known)
        assert way != "id" or found == track_id
