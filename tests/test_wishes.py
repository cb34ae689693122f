"""What listeners wish for: how long a playlist is, how much of it is new, what mood, and which model recommends."""

from __future__ import annotations

import numpy as np
import pytest
from catalogs import made_up_tracks, track_id, train_small
from hypothesis import given, settings
from hypothesis import strategies as st
from listening import NOW, as_catalog, feedback_of, listens_of

from inference_pipeline.filters import FeatureRanges
from inference_pipeline.library import Library
from inference_pipeline.mix import FAMILIAR, Familiarity, Mix
from inference_pipeline.moods import MOODS
from inference_pipeline.playlist import Playlist, make_playlist
from inference_pipeline.playlist_kinds import DISCOVER, SONGS, Kind
from inference_pipeline.profile import profile_of
from inference_pipeline.ranked import Ranked, rank_catalog
from inference_pipeline.rotation import nothing_served
from inference_pipeline.wishes import Wishes, read_wishes
from segue.errors import InputError

PER_ARTIST = 20
"""Of whom the listener of these tests plays one track of each of seven."""


@pytest.fixture(scope="module")
def library() -> Library:
    """Return a model and a catalog of 2,000 tracks, of 100 artists."""
    tracks = made_up_tracks(2000)
    tracks["artists"] = [f"Artist {number // PER_ARTIST}" for number in range(len(tracks))]
    return Library(train_small(tracks), as_catalog(tracks))


def rank_for(library: Library, wishes: Wishes, played: int = 7) -> Ranked:
    """Rank the catalog for somebody who plays one track of each of some artists."""
    listens = listens_of(*((PER_ARTIST * number, "short_term", number + 1, "id") for number in range(played)))
    return rank_catalog(library, profile_of(listens, feedback_of(), library.catalog, wishes, NOW))


def make(library: Library, wishes: Wishes, kind: Kind = SONGS, played: int = 7) -> Playlist:
    """Make a playlist for that listener."""
    return make_playlist(rank_for(library, wishes, played), kind, nothing_served(NOW))


def played_artists(library: Library, made: Playlist, played: int = 7) -> int:
    """Return how many tracks are by artists that the listener plays."""
    chosen = library.at(library.model.rows(made.tracks["track_id"]))
    return int(chosen.credited({f"artist {number}" for number in range(played)}).sum())


@settings(max_examples=25, deadline=None)
@given(st.integers(10, 100), st.sampled_from([*FAMILIAR]), st.integers(1, 12))
def test_length_and_shares_are_as_wished_or_said_to_be_widened(
    library: Library, length: int, familiarity: Familiarity, played: int
) -> None:
    """At most three tracks by each: what few artists cannot fill, others do."""
    made = make(library, Wishes(length=length, familiarity=familiarity), played=played)
    assert made.tracks["rank"].tolist() == list(range(1, length + 1))
    assert made.tracks["track_id"].is_unique
    wanted, familiar = round(FAMILIAR[familiarity] * length), played_artists(library, made, played)
    assert familiar == min(wanted, 3 * played)
    assert made.widened == ((Mix.name,) if familiar < wanted else ())


@given(st.integers(10, 100), st.sampled_from([*FAMILIAR]), st.lists(st.integers(0, 1), max_size=200))
def test_what_one_kind_lacks_the_other_fills_up(length: int, familiarity: Familiarity, groups: list[int]) -> None:
    """A list is as long as it can be, and neither kind has more than is there."""
    mix = Mix.of(familiarity, length, {"somebody"})
    given_to = mix.fill(np.array(groups, np.intp))
    there = [groups.count(kind) for kind in (0, 1)]
    assert given_to.sum() == min(length, len(groups))
    assert all(0 <= one <= of for one, of in zip(given_to, there, strict=True))
    if all(of >= asked for of, asked in zip(there, mix.asked, strict=True)):
        assert given_to.tolist() == mix.asked.tolist()


def test_what_is_to_be_discovered_is_all_new_whatever_the_share(library: Library) -> None:
    """Familiar and Discover are the two ends of the dial themselves."""
    assert played_artists(library, make(library, Wishes(familiarity="mostly familiar"), DISCOVER)) == 0


@pytest.mark.parametrize("kind", [SONGS, DISCOVER])
@pytest.mark.parametrize("mood", [*MOODS])
def test_a_mood_that_is_wished_for_holds_for_every_track(library: Library, kind: Kind, mood: str) -> None:
    """On lists that have none of their own."""
    made = make(library, Wishes.model_validate({"mood": mood, "length": 20}), kind)
    chosen = library.at(library.model.rows(made.tracks["track_id"]))
    assert FeatureRanges(library.mood_ranges[mood]).keep(chosen).all() or "other moods" in made.widened
    assert len(made.tracks) == 20


def test_settings_of_before_go_on_as_they_were() -> None:
    """What nobody had asked then is what everybody got."""
    wishes = read_wishes('{"playlists": ["calm"], "decades": [1980], "blocked_artists": ["Somebody"]}')
    assert (wishes.length, wishes.familiarity, wishes.mood, wishes.approach) == (50, "any", None, "hybrid")


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ('{"length": 9}', "length"),
        ('{"length": 101}', "length"),
        ('{"familiarity": "very"}', "familiarity"),
        ('{"mood": "angry"}', "mood"),
        ('{"approach": "tags"}', "approach"),
    ],
)
def test_a_wish_that_cannot_be_granted_is_named(settings: str, where: str) -> None:
    """In one line."""
    with pytest.raises(InputError, match=where):
        read_wishes(settings)


def test_a_known_track_never_comes_back(library: Library) -> None:
    """Nor does more than one of three by an artist where the share asks for many of them."""
    made = make(library, Wishes(familiarity="mostly familiar"))
    assert not {track_id(PER_ARTIST * number) for number in range(7)} & {*made.tracks["track_id"]}
