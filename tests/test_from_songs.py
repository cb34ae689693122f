"""Recommendations from songs that somebody names, without an account."""

from __future__ import annotations

import pytest
from catalogs import made_up_tracks, track_id, train_small
from hypothesis import given, settings
from hypothesis import strategies as st
from islands import ISLAND, two_islands
from listening import NOW, as_catalog

from inference_pipeline.from_songs import MOST_SONGS, FromSongs, recommend_from_songs
from inference_pipeline.library import Library
from inference_pipeline.presenting import present
from inference_pipeline.wishes import Wishes
from segue.errors import InputError
from segue.models.blend import Blend
from segue.models.catalog import Catalog

SHORT = Wishes(length=10)


@pytest.fixture(scope="module")
def islands() -> Library:
    """Return a model and a catalog in which it is plain what belongs together; song 7 is a version of song 5."""
    tracks = two_islands()
    tracks["artists"] = [f"Artist {number // 4}" for number in range(len(tracks))]
    tracks.loc[7, "title"] = "Song 5 - Live at Home"
    tracks.loc[3, ["source", "artists", "year"]] = ["made-up", "Artist 0;Guest", 1999]
    return Library(train_small(tracks, "hybrid"), as_catalog(tracks))


def numbers(found: FromSongs) -> set[int]:
    """Return which tracks are recommended, by their numbers."""
    return {int(track) for track in found.playlist.tracks["track_id"]}


@settings(max_examples=10, deadline=None)
@given(st.sets(st.integers(0, ISLAND - 1), min_size=1, max_size=5))
def test_what_is_recommended_is_like_the_songs_and_none_of_them(islands: Library, songs: set[int]) -> None:
    """All from their island; each with a reason that names a song of theirs; no version of one."""
    found = recommend_from_songs(islands, [track_id(number) for number in songs], SHORT, NOW)
    assert found.matched == len(songs)
    assert len(found.playlist.tracks) == 10
    assert not numbers(found) & songs
    assert 7 not in numbers(found) or 5 not in songs
    assert max(numbers(found)) < ISLAND
    assert found.playlist.tracks["reason"].str.startswith("Like Song").all()


def test_an_artist_has_at_most_three_tracks(islands: Library) -> None:
    """However near the fourth is."""
    found = recommend_from_songs(islands, [track_id(0)], Wishes(length=90), NOW)
    assert len(found.playlist.tracks) > 80
    artists = islands.catalog.tracks.loc[found.playlist.tracks["track_id"], "artists"].str.partition(";")[0]
    assert artists.value_counts().max() == 3


def test_what_is_disliked_pushes_away_and_does_not_come_back(islands: Library) -> None:
    """Neither it nor anything like it."""
    seeds = {track_id(0): 1.0, track_id(ISLAND + 1): -1.0}
    found = recommend_from_songs(islands, seeds, SHORT, NOW)
    assert ISLAND + 1 not in numbers(found)
    assert max(numbers(found)) < ISLAND


def test_a_recording_under_two_ids_is_liked_as_much_as_both_are_on_average(islands: Library) -> None:
    """The favorites are those that are liked most, and of equal ones the one whose id comes first."""
    tracks = islands.catalog.tracks.copy()
    tracks.loc[track_id(1), "recording_id"] = track_id(0)
    library = Library(islands.model, Catalog(tracks))
    seeds = {track_id(4): 0.2, track_id(0): 1.0, track_id(2): 0.2, track_id(1): -0.5}
    found = recommend_from_songs(library, seeds, SHORT, NOW)
    assert found.playlist.favorites == ["Song 0 by Artist 0", "Song 2 by Artist 0"]
    with pytest.raises(InputError, match="no song among these that you like"):
        recommend_from_songs(library, {track_id(0): 0.5, track_id(1): -0.5}, SHORT, NOW)


def test_unknown_ids_are_told_apart(islands: Library) -> None:
    """What is known counts, once each."""
    found = recommend_from_songs(islands, [track_id(1), "x" * 22, track_id(2), track_id(1)], SHORT, NOW)
    assert (found.unknown, found.matched) == (("x" * 22,), 2)


@pytest.mark.parametrize(
    ("seeds", "why"),
    [
        ([], "between 1 and 5,000"),
        ([track_id(number) for number in range(MOST_SONGS + 1)], "between 1 and 5,000"),
        (["nothing", "<script>"], "none of these songs is in the catalog"),
        ({track_id(0): -1.0, track_id(1): 0.0}, "no song among these that you like"),
    ],
)
def test_what_cannot_be_answered_is_said_in_plain_words(
    islands: Library, seeds: list[str] | dict[str, float], why: str
) -> None:
    """In one line."""
    with pytest.raises(InputError, match=why):
        recommend_from_songs(islands, seeds, SHORT, NOW)


def test_songs_that_came_after_the_model_are_said_to_be_new(islands: Library) -> None:
    """Rather than answered with an error nobody understands."""
    later = as_catalog(made_up_tracks(2 * ISLAND + 1))
    with pytest.raises(InputError, match="after the model was trained"):
        recommend_from_songs(Library(islands.model, later), [track_id(2 * ISLAND)], SHORT, NOW)


def test_rows_are_what_people_see(islands: Library) -> None:
    """By rank; names joined, no link to what was made up, None for an unknown year."""
    tracks = recommend_from_songs(islands, [track_id(0)], SHORT, NOW).playlist.tracks
    rows = present(islands.catalog, tracks.iloc[::-1])
    assert [row["rank"] for row in rows] == list(range(1, 11))
    assert [row["track_id"] for row in rows] == tracks["track_id"].tolist()
    assert rows[0]["url"] == f"https://open.spotify.com/track/{rows[0]['track_id']}"
    (row,) = present(islands.catalog, tracks.head(1).assign(track_id=track_id(3)))
    assert (row["artists"], row["year"], row["url"]) == ("Artist 0, Guest", 1999, "")


def test_what_left_the_catalog_goes_by_its_id(islands: Library) -> None:
    """A stored recommendation may be older than the catalog."""
    tracks = recommend_from_songs(islands, [track_id(0)], SHORT, NOW).playlist.tracks.head(1)
    (row,) = present(Catalog(islands.catalog.tracks.head(1)), tracks.assign(track_id="y" * 22))
    assert (row["title"], row["artists"], row["year"]) == ("y" * 22, "", None)


def test_the_model_is_not_changed_by_being_asked(islands: Library) -> None:
    """All visitors share it: the same songs always get the same answer."""
    first, _, again = (
        recommend_from_songs(islands, songs, SHORT, NOW).playlist.tracks
        for songs in ([track_id(0)], {track_id(1): 0.3, track_id(70): 1.0}, [track_id(0)])
    )
    assert first.equals(again)
    assert isinstance(islands.model, Blend)
