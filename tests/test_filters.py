"""What each filter removes."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from catalogs import made_up_tracks, track_id
from hypothesis import given
from hypothesis import strategies as st
from listening import as_catalog

from inference_pipeline.candidates import credits_of, describe_candidates
from inference_pipeline.filters import (
    ArtistSpread,
    BlockedArtists,
    Candidates,
    Decades,
    Disliked,
    FamiliarArtists,
    FeatureRanges,
    Filter,
    Known,
    Music,
    NewArtists,
    NotExplicit,
    Popularity,
    RecentlyServed,
    Repeats,
    UnwantedGenres,
    Versions,
    WantedGenres,
)
from inference_pipeline.wishes import Wishes, read_wishes
from segue.errors import InputError
from segue.groups import DTYPES

COLUMNS = {
    "title": ["Hey", "Hey - Live at Home", "Hey (Remix)", "Hey", "Talk", "Jingle"],
    "artists": ["The Band", "The Band", "Band;DJ", "DJ", "Someone", "Nobody"],
    "genres": ["rock;indie", "rock", None, "house", None, "rock"],
    "artist_genres": [None, "art rock", "indie", None, None, None],
    "year": [1979, 1980, 1989, 1990, None, 2020],
    "explicit": [True, False, False, None, False, True],
    "popularity_percentile": [0.0, 0.5, 0.91, None, 1.0, 0.2],
    "speechiness": [0.1, 0.66, 0.05, None, 0.67, 0.1],
    "duration_ms": [200_000, 30_000, None, 1e6, 200_000, 29_999],
    "energy": [0.1, 0.2, 0.3, None, 0.5, 0.6],
    "valence": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4],
}


@pytest.fixture(scope="module")
def candidates() -> Candidates:
    """Return six candidates with everything that filters look at."""
    catalog = as_catalog(made_up_tracks(6).assign(**COLUMNS))
    return Candidates.of(describe_candidates(catalog, catalog.recordings.index))


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_what_has_no_name_and_what_is_gone_are_songs_of_their_own(missing: object) -> None:
    """In whatever way pandas writes that something is missing."""
    tracks = made_up_tracks(4)
    tracks.loc[1:2, ["title", "artists"]] = missing
    found = describe_candidates(as_catalog(tracks), pd.Index(map(track_id, range(6))))
    assert found["song"].is_unique
    assert found["song"][[1, 2, 4, 5]].tolist() == list(map(track_id, (1, 2, 4, 5)))
    assert found["recommendable"].tolist() == [True] * 4 + [False] * 2
    assert Versions(frozenset()).keep(Candidates.of(found)).all()


def ids(*numbers: int) -> frozenset[str]:
    """Return the ids of candidates."""
    return frozenset(map(track_id, numbers))


CASES: list[tuple[Filter, list[int]]] = [
    (Known(ids(0, 3)), [1, 2, 4, 5]),
    (Disliked(ids(5)), [0, 1, 2, 3, 4]),
    (RecentlyServed(ids(1, 2)), [0, 3, 4, 5]),
    (Repeats(ids(0, 2, 4), at_most=2), [0, 1, 2, 3, 5]),
    (Versions(frozenset()), [0, 3, 4, 5]),
    (Versions(frozenset({"hey\x1fband"})), [3, 4, 5]),
    (BlockedArtists(frozenset({"dj"})), [0, 1, 4, 5]),
    (NewArtists(frozenset({"band"})), [3, 4, 5]),
    (FamiliarArtists(frozenset({"band"})), [0, 1, 2]),
    (ArtistSpread(1), [0, 3, 4, 5]),
    (ArtistSpread(2), [0, 1, 3, 4, 5]),
    (WantedGenres(frozenset({"indie"})), [0, 2]),
    (UnwantedGenres(frozenset({"rock", "house"})), [2, 4]),
    (Decades(frozenset({1980})), [1, 2]),
    (NotExplicit(), [1, 2, 4]),
    (Popularity(0.5, 1.0), [1, 2, 4]),
    (Music(), [0, 1, 2, 3]),
    (FeatureRanges({"energy": (0.2, 0.5), "valence": (0.6, 1.0)}), [1, 2]),
    (FeatureRanges({}), [0, 1, 2, 3, 4, 5]),
]


@pytest.mark.parametrize(("one", "kept"), CASES, ids=lambda value: getattr(value, "name", None))
def test_what_stays(candidates: Candidates, one: Filter, kept: list[int]) -> None:
    """By hand; what is not known to have what is asked for goes, what is not known to be unwanted stays."""
    mask = one.keep(candidates)
    assert mask.dtype == bool
    assert np.flatnonzero(mask).tolist() == kept


@pytest.mark.parametrize(("one", "_"), CASES, ids=lambda value: getattr(value, "name", None))
def test_of_nothing_stays_nothing(candidates: Candidates, one: Filter, _: list[int]) -> None:
    """An empty list of candidates is no special case."""
    assert one.keep(candidates[np.arange(0)]).shape == (0,)


@given(order=st.permutations(range(6)), at_most=st.integers(1, 3))
def test_no_artist_has_more_than_their_share_in_any_order(order: list[int], at_most: int) -> None:
    """Guests count, however the name is spelled; and whoever is left out would have been one too many."""
    catalog = as_catalog(made_up_tracks(6).assign(**COLUMNS))
    described = describe_candidates(catalog, catalog.recordings.index)
    kept = ArtistSpread(at_most).keep(Candidates.of(described)[np.array(order)])
    counts: dict[str, int] = {}
    for credited, stays in zip(described["credits"].iloc[order].str.split(";"), kept, strict=True):
        assert stays == all(counts.get(name, 0) < at_most for name in credited)
        for name in credited:
            counts[name] = counts.get(name, 0) + int(stays)


@given(
    st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=3, unique=True), max_size=60), st.integers(1, 3)
)
def test_who_is_left_out_may_make_place_for_another(credited: list[list[str]], at_most: int) -> None:
    """Down a long list, in which most share tracks with others: each as if they were asked one after the other."""
    tracks = Candidates.of(pd.DataFrame({"credits": [";".join(names) for names in credited]}, dtype=object))
    counts: Counter[str] = Counter()
    for names, stays in zip(credited, ArtistSpread(at_most).keep(tracks), strict=True):
        assert stays == all(counts[name] < at_most for name in names)
        counts.update(names if stays else ())


def test_names_are_compared_as_they_are_spoken() -> None:
    """Without the article, accents and capitals; whom only the title names is there, too."""
    titles, artists = ["Hey", "Lean On (feat. MØ & The DJ)", None], ["The Beatles;Beyoncé", "Major Lazer", None]
    found = credits_of(pd.DataFrame({"title": titles, "artists": artists}, dtype=DTYPES["text"]))
    assert found == ["beatles;beyonce", "major lazer;mø and the dj;mø;dj", ""]


@pytest.mark.parametrize(
    ("title", "stays"),
    [
        ("White Noise Sleeping Aid to Help My Baby Fall Asleep", False),
        ("Soft Brown Noise", False),
        ("Rain Sounds for Studying", False),
        ("Brown Sugar", True),
        ("Cum On Feel the Noize", True),
        ("The Sound of Silence", True),
    ],
)
def test_noise_is_no_music(title: str, stays: bool) -> None:
    """It is told by its title: its features look like those of quiet music."""
    catalog = as_catalog(made_up_tracks(1).assign(title=title, speechiness=0.1, duration_ms=200_000))
    assert bool(Music().keep(Candidates.of(describe_candidates(catalog, catalog.recordings.index)))[0]) == stays


@pytest.mark.parametrize(
    ("title", "guests"),
    [
        ("Lean On (feat. MØ & DJ Snake)", {"mø", "dj snake", "mø and dj snake"}),
        ("Lean On [ft. MØ, DJ Snake] - Remix", {"mø", "dj snake", "mø dj snake"}),
        ("Lean On Featuring MØ", {"mø"}),
        ("Lean On (with Florence + The Machine)", {"florence", "machine", "florence the machine"}),
        ("Lean On With Me", set()),
        ("Defeat (Live)", set()),
    ],
)
def test_who_is_a_guest_by_the_title_alone_has_a_part_in_it(title: str, guests: set[str]) -> None:
    """Blocked artists and played ones do not come in by the title; the first artist stays the first."""
    catalog = as_catalog(made_up_tracks(2).assign(title=[title, "Else"], artists=["Major Lazer", "Else"]))
    described = describe_candidates(catalog, catalog.recordings.index)
    credited = described["credits"][0].split(";")
    assert set(credited) - {"major lazer"} == guests
    assert described["first_artist"][0] == "major lazer"
    assert NewArtists(frozenset(guests)).keep(Candidates.of(described)).tolist() == [not guests, True]


def test_a_year_is_no_decade() -> None:
    """It would match nothing, so it is refused in one line."""
    with pytest.raises(InputError, match=r"^their settings cannot be used: decades\.0: .* a multiple of 10$"):
        read_wishes('{"decades": [1985]}')


def test_wishes_become_filters(candidates: Candidates) -> None:
    """Each one that is expressed, and no other."""
    assert read_wishes(None).filters() == []
    wishes = read_wishes(
        '{"blocked_artists": ["The BAND"], "explicit": false, "no_genres": ["house"], "only_genres": ["rock"],'
        ' "decades": [1980], "popularity": "hidden gems"}'
    )
    assert [one.name for one in wishes.filters()] == [
        "blocked artists",
        "explicit",
        "unwanted genres",
        "other genres",
        "other decades",
        "other popularity",
    ]
    assert np.flatnonzero(wishes.filters()[0].keep(candidates)).tolist() == [3, 4, 5]


@pytest.mark.parametrize("wish", ["no_genres", "only_genres"])
def test_a_genre_is_meant_however_it_is_written(candidates: Candidates, wish: str) -> None:
    """The catalog writes labels small; people do not."""
    written, meant = (Wishes(**{wish: frozenset({name})}).filters()[0].keep(candidates) for name in (" Rock", "rock"))
    assert np.array_equal(written, meant)
    assert 0 < meant.sum() < len(meant)
