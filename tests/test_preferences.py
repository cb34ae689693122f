"""How much a listener likes each recording."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from catalogs import made_up_tracks, track_id
from hypothesis import example, given
from hypothesis import strategies as st
from listening import NOW, as_catalog, feedback_of, listens_of

from inference_pipeline.preferences import cap_shares, disliked, preferences
from inference_pipeline.profile import known_recordings, profile_of
from inference_pipeline.wishes import read_wishes
from segue.errors import InputError

# 60 tracks by 20 artists, each on an album of its own.
TRACKS = made_up_tracks(60).assign(album=[f"Album {number}" for number in range(60)])
CATALOG = as_catalog(TRACKS)
RANGES = ("short_term", "medium_term", "long_term", "recently_played")
NOTHING = feedback_of()
# One track by each of 16 artists, first in all lists, so that no cap applies to the few that a test is about.
OTHERS = [(number * 3, source, 1, "id") for number in range(4, 20) for source in RANGES]

listen = st.tuples(
    st.integers(0, 59), st.sampled_from(RANGES), st.integers(1, 50), st.sampled_from(["id", "isrc", "title", "artist"])
)
verdict = st.tuples(st.integers(0, 59), st.sampled_from(["like", "dislike"]), st.floats(0, 400))


def liking(*rows: tuple[int, str, int, str], feedback: pd.DataFrame = NOTHING) -> dict[int, float]:
    """Return the preferences of someone who plays `rows` and `OTHERS`, by number of the track."""
    liked = preferences(listens_of(*rows, *OTHERS), feedback, CATALOG, NOW)
    return {int(recording): float(value) for recording, value in liked.items()}


def test_by_hand() -> None:
    """Range times match, halved at place 50; lists add up, and the first place of all four is 1."""
    liked = liking(
        (0, "short_term", 1, "id"),
        (3, "short_term", 50, "title"),
        (6, "long_term", 1, "artist"),
        (9, "short_term", 1, "isrc"),
        (9, "medium_term", 1, "id"),
    )
    expected = {0: 1, 3: 0.5, 6: 0.6 * 0.3, 9: 1 + 0.8, 12: 2.8}
    assert {number: liked[number] for number in expected} == pytest.approx(
        {number: value / 2.8 for number, value in expected.items()}
    )


def test_a_list_counts_a_recording_once() -> None:
    """Under several ids it is what the best of them would be."""
    tracks = TRACKS.copy()
    tracks.loc[1, "recording_id"] = track_id(0)
    both = listens_of((0, "long_term", 50, "id"), (1, "long_term", 9, "title"), *OTHERS)
    better = listens_of((1, "long_term", 9, "title"), *OTHERS)
    pd.testing.assert_series_equal(*(preferences(each, NOTHING, as_catalog(tracks), NOW) for each in (both, better)))


def test_of_equally_liked_ones_the_higher_place_comes_first() -> None:
    """One high place says more than two low ones that add up to the same, whatever the ids."""
    rows = [(0, "medium_term", 50, "id"), (0, "recently_played", 50, "id"), (3, "long_term", 1, "id")]
    liked = preferences(listens_of(*rows, *OTHERS), NOTHING, CATALOG, NOW)
    assert liked[track_id(0)] == liked[track_id(3)]
    assert liked.index.tolist()[-2:] == [track_id(3), track_id(0)]


def test_recent_lists_count_more() -> None:
    """What is loved now, before what was loved for months, before what was loved for years, before a single play."""
    liked = liking(*((3 * place, source, 10, "id") for place, source in enumerate(RANGES)))
    assert liked[0] > liked[3] > liked[6] > liked[9] > 0


def test_what_was_fetched_a_month_ago_counts_half() -> None:
    """A list that could not be refreshed fades."""
    listens = listens_of((0, "short_term", 1, "id"), *OTHERS)
    listens.loc[0, "fetched_at"] -= pd.Timedelta(days=30)
    assert preferences(listens, NOTHING, CATALOG, NOW)[track_id(0)] == pytest.approx(0.5 / 2.8)


def test_ids_of_one_recording_are_one_preference() -> None:
    """A remaster in the top list speaks for the recording."""
    tracks = TRACKS.copy()
    tracks.loc[1, "recording_id"] = track_id(0)
    liked = preferences(listens_of((1, "short_term", 1, "id"), *OTHERS), NOTHING, as_catalog(tracks), NOW)
    assert track_id(0) in liked.index
    assert track_id(1) not in liked.index


@pytest.mark.parametrize(
    ("feedback", "expected"),
    [
        ([(0, "dislike", 0)], -1.0),
        ([(0, "dislike", 180)], -0.5),
        ([(0, "like", 0)], 1 / 2.8 + 0.5),
        ([(0, "like", 180)], 1 / 2.8 + 0.25),
        ([(59, "like", 180)], 1 / 2.8),
    ],
)
def test_feedback(feedback: list[tuple[int, str, float]], expected: float) -> None:
    """A dislike is the last word on what they play every day; it counts half after 180 days."""
    assert liking((0, "short_term", 1, "id"), feedback=feedback_of(*feedback))[0] == pytest.approx(expected)


def test_a_fresh_like_counts_more_than_the_top_of_one_list_and_less_than_of_two() -> None:
    """Whichever list it is; what tops them all needs no like to come first."""
    top_of_two = [(3, "short_term", 1, "id"), (3, "long_term", 1, "id")]
    top_of_all = [(6, source, 1, "id") for source in RANGES]
    liked = liking((0, "short_term", 1, "id"), *top_of_two, *top_of_all, feedback=feedback_of((9, "like", 0)))
    assert liked[0] < liked[9] < liked[3] < liked[6]


@given(st.lists(verdict.map(lambda said: (said[0], "dislike", said[2])), max_size=40))
def test_dislikes_never_outweigh_what_is_liked(said: list[tuple[int, str, float]]) -> None:
    """However many there are, together they weigh at most a fifth of it; and none of them is liked any more."""
    liked = preferences(listens_of(*OTHERS), feedback_of(*said), CATALOG, NOW)
    assert -liked[liked < 0].sum() <= 0.2 * liked[liked > 0].sum() * (1 + 1e-5)
    assert not (liked.reindex([track_id(number) for number, _, _ in said]) > 0).any()


def test_contradictory_feedback_is_settled_by_the_last_word() -> None:
    """Under whatever id of the recording it was said; at the same moment the dislike counts."""
    tracks = TRACKS.copy()
    tracks.loc[1, "recording_id"] = track_id(0)
    catalog = as_catalog(tracks)
    assert disliked(feedback_of((0, "like", 1), (1, "dislike", 2)), catalog) == set()
    assert disliked(feedback_of((0, "dislike", 1), (1, "like", 2)), catalog) == {track_id(0)}
    assert disliked(feedback_of((0, "like", 1), (1, "dislike", 1)), catalog) == {track_id(0)}


@given(st.lists(listen, max_size=60), st.lists(verdict, max_size=10))
def test_values_are_between_minus_one_and_one(rows: list[tuple[int, str, int, str]], said: list) -> None:
    """Never 0, the strongest first, each recording once."""
    liked = preferences(listens_of(*rows), feedback_of(*said), CATALOG, NOW)
    assert liked.between(-1, 1).all()
    assert (liked != 0).all()
    assert liked.is_monotonic_decreasing
    assert liked.index.is_unique


@given(st.sampled_from(RANGES), st.lists(st.integers(1, 50), min_size=2, max_size=20, unique=True))
def test_a_better_place_never_counts_less(source: str, ranks: list[int]) -> None:
    """In the same list; two tracks are enough for the caps to be out of reach."""
    rows = [(number * 3, source, rank, "id") for number, rank in enumerate(ranks)]
    liked = preferences(listens_of(*rows), NOTHING, CATALOG, NOW)
    by_rank = liked.reindex([track_id(number * 3) for number in np.argsort(ranks)])
    assert by_rank.is_monotonic_decreasing


@given(st.lists(listen, min_size=1, max_size=80))
def test_no_artist_takes_over(rows: list[tuple[int, str, int, str]]) -> None:
    """At most a fifth of all liking, or twice a fair share where there are fewer than ten artists."""
    liked = preferences(listens_of(*rows), NOTHING, CATALOG, NOW)
    shares = liked.groupby(TRACKS.set_index("track_id")["artists"]).sum() / liked.sum()
    assert shares.max() <= max(0.2, 2 / len(shares)) + 1e-5


@given(st.lists(listen, min_size=1, max_size=80), st.lists(st.integers(0, 4), min_size=60, max_size=60))
@example([(number, source, 1, "id") for number in range(60) for source in RANGES[: 1 + number % 4]], [0, *[4] * 59])
def test_no_album_takes_over(rows: list[tuple[int, str, int, str]], discs: list[int]) -> None:
    """Nor an artist, both at once, with up to nine tracks on an album; the fewer there are, the more each may hold."""
    artists = [f"A{(number // 3) ** 2 // 20}" for number in range(60)]
    tracks = TRACKS.assign(album=[f"Disc {disc}" for disc in discs], artists=artists)
    liked = preferences(listens_of(*rows), NOTHING, as_catalog(tracks), NOW)
    names = tracks.set_index("track_id")[["artists", "album"]].reindex(liked.index)
    by_artist, by_album = liked.groupby(names["artists"]).sum(), liked.groupby([names["artists"], names["album"]]).sum()
    assert by_artist.max() <= max(0.2, 2 / len(by_artist)) * liked.sum() * (1 + 1e-4)
    assert by_album.max() <= max(0.1, 1 / len(by_artist), 2 / len(by_album)) * liked.sum() * (1 + 1e-4)


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=40), st.floats(0.05, 0.5), st.data())
def test_caps_only_scale_down_and_no_further_than_needed(values: list[float], most: float, data: st.DataObject) -> None:
    """Who holds less than the share keeps it all; a group that is scaled down holds exactly the share."""
    groups = pd.factorize(np.array(data.draw(st.lists(st.integers(0, 9), min_size=len(values), max_size=len(values)))))
    before, codes = np.array(values), groups[0]
    after = cap_shares(before, codes, most)
    share = max(most, 2 / len(groups[1]))
    totals = np.bincount(codes, after)
    assert (after <= before * (1 + 1e-9)).all()
    assert totals.max() <= share * totals.sum() * (1 + 1e-6) or share >= 1
    capped = ~np.isclose(totals, np.bincount(codes, before))
    np.testing.assert_allclose(totals[capped], share * totals.sum(), rtol=1e-6)


def test_everything_played_is_known_but_a_stand_in_is_not() -> None:
    """Known is the recording, under whatever id; a track that stands in for its artist has not been played."""
    tracks = TRACKS.copy()
    tracks.loc[1, "recording_id"] = track_id(0)
    listens = listens_of((1, "short_term", 1, "id"), (4, "short_term", 2, "title"), (7, "short_term", 3, "artist"))
    assert known_recordings(listens, as_catalog(tracks)) == {track_id(0), track_id(4)}


def test_nothing_of_theirs_in_the_catalog_is_one_clear_line() -> None:
    """It says what to do."""
    with pytest.raises(InputError, match="none of their tracks is in the catalog"):
        profile_of(listens_of((500, "short_term", 1, "id")), NOTHING, CATALOG, read_wishes(None), NOW)


def test_who_dislikes_all_they_play_gets_one_clear_line() -> None:
    """There is nothing to start from."""
    with pytest.raises(InputError, match="disliked"):
        profile_of(
            listens_of((0, "short_term", 1, "id")), feedback_of((0, "dislike", 0)), CATALOG, read_wishes(None), NOW
        )


def test_who_only_said_what_they_like_has_a_profile() -> None:
    """Feedback is enough to start from; what it is about is known."""
    profile = profile_of(listens_of(), feedback_of((0, "like", 0)), CATALOG, read_wishes(None), NOW)
    assert profile.liked.to_dict() == {track_id(0): 0.5}
    assert profile.known == {track_id(0)}


def test_guests_of_what_they_play_are_played_artists() -> None:
    """Whether Spotify's title names them or the catalog's: candidates are read in the same way."""
    listens = listens_of((0, "short_term", 1, "id"), (3, "short_term", 2, "title"))
    listens["title"] = listens["title"].where(listens["rank"] == 1, "Song (feat. The Visitor)")
    tracks = TRACKS.assign(title=TRACKS["title"].where(TRACKS["track_id"] != track_id(0), "Song (with Ann & Bob)"))
    profile = profile_of(listens, NOTHING, as_catalog(tracks), read_wishes(None), NOW)
    assert profile.artists == {"somebody", "artist 0", "artist 1", "visitor", "ann and bob", "ann", "bob"}
