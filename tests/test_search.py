"""Finding songs while they are typed."""

from __future__ import annotations

import pandas as pd
import pytest
from catalogs import made_up_tracks, track_id
from hypothesis import given
from hypothesis import strategies as st

from app.engine import Engine
from app.search import Search, Song, songs
from segue.errors import InputError
from segue.models.catalog import Catalog
from segue.recordings import normalize_words
from segue.settings import load_settings
from segue.store import FeatureStore

# Title, artists, popularity percentile, year; the number of the row is that of the track.
KNOWN = [
    ("Holocene", "Bon Iver", 0.6, 2011),
    ("Love Story", "Taylor Swift", 0.9, 2008),
    ("Love", "Lana Del Rey", 0.2, None),
    ("Endless Love", "Lionel Richie;Diana Ross", 0.95, 1981),
    ("Señorita - Remastered 2011", "Beyoncé", 0.4, None),
    ("Thunderstruck", "AC/DC", 0.7, 1990),
    ("Losing My Religion", "R.E.M.", 0.5, 1991),
    ("The Sound of Silence", "Simon & Garfunkel", 0.8, 1966),
    ("君の名は", "RADWIMPS", None, 2016),
    ("???", "XXXTENTACION", 0.1, None),
    ("Love Song", "The Cure", None, 1989),
]
COPY = track_id(len(KNOWN))


def catalog_of_known() -> Catalog:
    """Return a catalog of `KNOWN`, the first of them under two ids."""
    tracks = made_up_tracks(len(KNOWN) + 1)
    for column, values in zip(
        ("title", "artists", "popularity_percentile", "year"), zip(*KNOWN, strict=True), strict=True
    ):
        tracks[column] = pd.Series([*values, values[0]], dtype=tracks[column].dtype)
    return Catalog(tracks.replace({"recording_id": {COPY: track_id(0)}}).set_index("track_id"))


@pytest.fixture(scope="module")
def search() -> Search:
    """Return an index over `KNOWN`."""
    return Search(catalog_of_known())


def titles(found: list[Song]) -> list[str]:
    """Return the titles of what was found."""
    return [song.title for song in found]


def test_a_song_has_one_line_that_names_it(search: Search) -> None:
    """Title, artists and year, as far as they are known."""
    assert [song.label for song in search.find("holocene")] == ["Holocene · Bon Iver (2011)"]
    assert [song.label for song in search.find("endless")] == ["Endless Love · Lionel Richie, Diana Ross (1981)"]
    assert search.find("lana")[0].label == "Love · Lana Del Rey"


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("holoc", "Holocene"),
        ("bon iv", "Holocene"),
        ("iver holo", "Holocene"),
        ("  HOLOCENE  ", "Holocene"),
        ("senorita beyonce", "Señorita - Remastered 2011"),
        ("señorita", "Señorita - Remastered 2011"),
        ("acdc", "Thunderstruck"),
        ("ac/dc thunder", "Thunderstruck"),
        ("rem los", "Losing My Religion"),
        ("the sound of", "The Sound of Silence"),
        ("sound of silence simon and", "The Sound of Silence"),
        ("garfunkel the", "The Sound of Silence"),
        ("diana ross", "Endless Love"),
        ("君の", "君の名は"),
        ("???", "???"),
    ],
)
def test_the_beginnings_of_words_find_a_song(search: Search, typed: str, title: str) -> None:
    """Of title and artists, in any order, case and spelling of accents."""
    assert titles(search.find(typed)) == [title]


def test_what_is_called_so_comes_before_what_only_contains_it(search: Search) -> None:
    """Exactly, then at the beginning, then anywhere; each group by popularity, the unknown last."""
    assert titles(search.find("love")) == ["Love", "Love Story", "Love Song", "Endless Love"]


def test_no_more_are_found_than_asked_for(search: Search) -> None:
    """The best of them."""
    assert titles(search.find("love", limit=2)) == ["Love", "Love Story"]


@pytest.mark.parametrize("typed", ["holocne", "hlocene", "holacene", "holocenee", "bon ivre holocene", "xolocene"])
def test_a_typo_in_a_word_is_forgiven(search: Search, typed: str) -> None:
    """A letter too many, too few, another one, or two in the wrong order."""
    assert titles(search.find(typed)) == ["Holocene"]


def test_short_words_and_two_typos_are_taken_as_written(search: Search) -> None:
    """Too much else is spelled nearly the same."""
    assert search.find("ban iver") == []
    assert search.find("hlocne") == []


def test_typos_are_looked_for_only_where_nothing_else_is_found(search: Search) -> None:
    """What is spelled as it was typed is what was meant."""
    assert titles(search.find("losing")) == ["Losing My Religion"]


@pytest.mark.parametrize("written", ["{}", "spotify:track:{}", "https://open.spotify.com/intl-de/track/{}?si=1"])
@pytest.mark.parametrize("given_id", [track_id(0), COPY])
def test_a_link_finds_its_track(search: Search, written: str, given_id: str) -> None:
    """Whatever id of the recording it names."""
    assert [song.track_id for song in search.find(written.format(given_id))] == [track_id(0)]


def test_a_link_to_something_else_finds_nothing(search: Search) -> None:
    """An unknown track, an album, another site."""
    for link in (f"spotify:track:{'z' * 22}", f"https://open.spotify.com/album/{track_id(0)}", "https://example.org"):
        assert search.find(link) == []


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " \t\n",
        "😀",
        "\x00",
        "\ud800",
        "AND NOT *",
        "title:love",
        '"',
        "(((",
        "a OR",
        "[a TO b]",
        "^~1",
        "love~2",
        "/l.*/",
    ],
)
def test_operators_are_only_words(search: Search, typed: str) -> None:
    """Nobody can ask the index anything but what is in it."""
    assert len(search.find(typed)) <= len(KNOWN)


def test_a_very_long_text_is_no_longer_than_the_longest_title(search: Search) -> None:
    """What comes after that is not looked at."""
    assert search.find("love " * 50_000 + "nothing") == search.find("love " * 20)
    assert search.find("x" * 1_000_000) == []


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_what_is_compared_alone_is_compared_as_among_others(typed: str) -> None:
    """A text that is typed has the words that it has in the catalog, whatever script is beside it there."""
    assert normalize_words([typed])[0] == normalize_words([typed, "君の名は"])[0]


@given(st.text(st.characters(codec=None), max_size=60))
def test_any_text_finds_something_or_nothing(search: Search, typed: str) -> None:
    """Songs of the catalog, each once."""
    found = [song.track_id for song in search.find(typed, limit=5)]
    assert len(found) == len(set(found)) <= 5
    assert set(found) <= {track_id(number) for number in range(len(KNOWN))}


def test_songs_are_named_in_the_order_of_their_ids() -> None:
    """Each recording once, and without those that the catalog lacks."""
    named = songs(catalog_of_known(), [track_id(3), COPY, "z" * 22, track_id(0)])
    assert titles(named) == ["Endless Love", "Holocene"]
    assert songs(catalog_of_known(), []) == []


def test_without_a_catalog_warming_up_does_nothing(store: FeatureStore) -> None:
    """Whoever searches is told what to run."""
    engine = Engine(load_settings(), store)
    engine.warm_up()
    with pytest.raises(InputError, match="run `segue features` first"):
        engine.search()
