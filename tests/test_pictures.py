"""The pictures: what they show, in what order, and what no title can do to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from catalogs import made_up_tracks, track_id, train_small
from hypothesis import given, settings
from hypothesis import strategies as st
from listening import as_catalog

from app.engine import Mapped
from app.pictures.atlas import Atlas
from app.pictures.layout import first_free, overlaps, spread_out
from app.pictures.map import map_picture
from app.pictures.moods import moods_picture
from app.pictures.moved import moved_picture
from app.pictures.svg import STYLE
from app.pictures.taste import taste_picture
from inference_pipeline.library import Library
from inference_pipeline.moods import MOODS
from segue.groups import GRADUAL_FEATURES

N = 120
HOSTILE = "<img src=x onerror=alert(1)>\"'&{{value}}${alert(1)}`"


def library_of(tracks: pd.DataFrame) -> Library:
    """Return a library of `tracks`."""
    return Library(train_small(tracks, "audio"), as_catalog(tracks))


@pytest.fixture(scope="module")
def library() -> Library:
    """Return a catalog in which jazz is from the sixties, quiet and slow, and rock from the nineties, loud and fast."""
    tracks = made_up_tracks(N)
    rock = np.arange(N) % 2 == 1
    tracks["year"] = np.where(rock, 1994, 1963)
    for name in GRADUAL_FEATURES:
        ordered = np.sort(tracks[name].to_numpy())
        tracks.loc[rock, name], tracks.loc[~rock, name] = ordered[N // 2 :], ordered[: N // 2]
    return library_of(tracks)


@pytest.fixture(scope="module")
def opened(library: Library) -> Mapped:
    """Return it with a map: jazz in one corner, rock in the other."""
    spread = np.random.default_rng(0).uniform(0, 0.2, (N, 2))
    corner = np.where(np.arange(N) % 2 == 1, 0.8, 0.0)[:, None]
    return Mapped("hybrid@3", library, Atlas(library, (spread + corner).astype(np.float16)))


def jazz(n: int = 10) -> dict[str, float]:
    """Return some of the jazz, all liked alike."""
    return {track_id(2 * number): 1.0 for number in range(n)}


def parsed(markup: str) -> ET.Element:
    """Return markup as a tree; it is XML but for the stylesheet, which has no place in it."""
    return ET.fromstring(re.sub(r"<style>.*?</style>", "", markup, flags=re.DOTALL))  # noqa: S314 - our own


def texts(markup: str) -> list[str]:
    """Return all that is to be read."""
    return [text.strip() for text in parsed(markup).itertext() if text.strip()]


def heard(tracks: Mapping[str, list[int]]) -> pd.DataFrame:
    """Return rows of the group `listens`, by the range of time."""
    rows = [(source, track_id(number)) for source, numbers in tracks.items() for number in numbers]
    return pd.DataFrame(rows, columns=["source", "matched_track_id"]).astype("string")


Draw = Callable[[Mapped, list[str]], str]
PICTURES: dict[str, Draw] = {
    "taste": lambda opened, ids: taste_picture(opened.library, dict.fromkeys(ids, 1.0)),
    "moods": lambda opened, ids: moods_picture(opened.library, ids, "calm"),
    "map": lambda opened, ids: map_picture(opened, ids, ids[:1]),
    "moved": lambda opened, ids: moved_picture(
        opened.library,
        pd.DataFrame(
            [(source, track) for source in ("short_term", "long_term") for track in ids],
            columns=["source", "matched_track_id"],
        ).astype("string"),
    ),
}


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("numbers", [[], [0], [0, 0, 1], [999], range(N)])
def test_a_picture_is_well_formed_whatever_it_is_of(opened: Mapped, name: str, numbers: list[int]) -> None:
    """Nothing, one song, one twice, an unknown one, everything; each drawing says what it is."""
    markup = PICTURES[name](opened, [track_id(number) for number in numbers])
    for drawing in parsed(markup).iter("svg"):
        assert drawing.get("aria-label") or drawing.get("aria-hidden") == "true"
        assert drawing.get("viewBox")
    assert "nan" not in re.sub("[a-z-]*nan[a-z]+", "", markup)
    assert texts(markup)


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_that_is_unknown_is_drawn(name: str) -> None:
    """Tracks without features, year, labels, title or artists are no reason to fail."""
    tracks = made_up_tracks(N)
    tracks.loc[:9, [*GRADUAL_FEATURES]] = np.nan
    tracks.loc[:9, ["title", "artists", "genres", "year"]] = None
    library = library_of(tracks)
    opened = Mapped("hybrid@1", library, Atlas(library, np.full((N, 2), 0.5, np.float16)))
    for numbers in (range(10), range(20)):
        markup = PICTURES[name](opened, [track_id(number) for number in numbers])
        assert "nan" not in re.sub("[a-z-]*nan[a-z]+", "", markup)
        parsed(markup)


@pytest.mark.parametrize("name", PICTURES)
def test_whatever_a_catalog_holds_is_shown_as_text(name: str) -> None:
    """Titles, artists and genres are other people's."""
    tracks = made_up_tracks(N).assign(title=HOSTILE, artists=HOSTILE, genres=HOSTILE)
    library = library_of(tracks)
    positions = np.random.default_rng(0).uniform(0.3, 0.7, (N, 2)).astype(np.float16)
    opened = Mapped('"><script>alert(1)</script>', library, Atlas(library, positions))
    markup = PICTURES[name](opened, [track_id(number) for number in range(9)])
    tags = {element.tag for element in parsed(markup).iter()}
    assert not tags & {"img", "script"}
    assert not [key for element in parsed(markup).iter() for key in element.keys() if key.startswith("on")]  # noqa: SIM118 - an element's keys
    if name != "moods":
        assert any("<img src=x onerror" in text or text.startswith("<img") for text in texts(markup))


def test_taste_says_what_is_unusual(library: Library) -> None:
    """In words that are true, in marks that are left of the middle half, and in the labels and decades of the songs."""
    said = texts(taste_picture(library, jazz()))
    assert said[0].startswith("10 songs, unusually ")
    assert set(said[0].removesuffix(".").split("unusually ")[1].replace(" and ", ", ").split(", ")) <= {
        "hardly danceable", "calm", "quiet", "few words", "electric", "sung", "studio", "somber", "slow",
    }  # fmt: skip
    assert {"jazz", "1960s", "100%"} <= set(said)
    assert "rock" not in said


def test_what_is_liked_more_counts_more_and_what_is_disliked_not(library: Library) -> None:
    """A share is one of the weight."""
    liked = {track_id(0): 0.9, track_id(1): 0.3, track_id(3): -1.0}
    rows = dict(zip(texts(taste_picture(library, liked)), texts(taste_picture(library, liked))[1:], strict=False))
    assert rows["1960s"] == "75%"
    assert rows["1990s"] == "25%"


def test_taste_in_the_middle_is_said_to_be(library: Library) -> None:
    """Half of both is nothing unusual."""
    said = texts(taste_picture(library, {track_id(number): 1.0 for number in range(N)}))
    assert said[0] == f"{N} songs, close to the middle of the catalog in every way."


def test_moving_from_rock_to_jazz_is_seen(library: Library) -> None:
    """In a sentence, in the drawing, and in the table."""
    markup = moved_picture(library, heard({"long_term": [1, 3, 5, 7], "medium_term": [1, 2], "short_term": [0, 2, 4]}))
    assert texts(markup)[0] == (
        "In the last four weeks, compared with one year: more jazz (by 100 in 100 songs) and less rock (by 100 in 100 "
        "songs)."
    )
    cells = [text for row in parsed(markup).iter("tr") for text in [list(row.itertext())] if text[0] == "jazz"]
    assert cells == [["jazz", "0%", "50%", "100%"]]
    assert len(list(parsed(markup).iter("polyline"))) == 2 + 3


def test_a_range_of_time_that_is_missing_is_said_to_be(library: Library) -> None:
    """Of two left, a line is drawn; of one, none."""
    markup = moved_picture(library, heard({"long_term": [1, 3], "short_term": [0, 2]}))
    assert "Spotify tells nothing of six months." in texts(markup)[0]
    assert list(parsed(markup).iter("polyline"))
    alone = moved_picture(library, heard({"short_term": [0, 2], "recently_played": [1]}))
    assert "too little to see" in texts(alone)[0]
    assert not list(parsed(alone).iter("polyline"))


def test_each_mood_has_its_area_and_its_name(library: Library) -> None:
    """The chosen one stands out; what cannot be drawn on the plane is in the table."""
    tree = parsed(moods_picture(library, jazz(), "calm"))
    names = [text.text for text in tree.iter("text")]
    assert set(MOODS) <= set(names)
    assert [text.text for text in tree.iter("text") if "strong" in text.get("class", "")] == ["calm"]
    assert sum("stroke-width:3" in area.get("style", "") for area in tree.iter("rect")) == 1
    assert len(list(tree.iter("circle"))) == 10
    (calm,) = [list(row.itertext()) for row in tree.iter("tr") if next(row.itertext()) == "calm"]
    assert re.fullmatch(r"up to \d+ beats a minute", calm[2])
    assert re.fullmatch(r"from \d+%", calm[3])


def test_the_map_has_two_kinds_of_marks(opened: Mapped) -> None:
    """Each is where its song is, and says which; they differ in shape, and are counted near each name."""
    known, found = [track_id(0), track_id(2)], [track_id(1)]
    tree = parsed(map_picture(opened, known, found))
    marks = {group.find("*/title").text: group for group in tree.iter("g")}  # type: ignore[union-attr] # every mark has one
    assert set(marks) == {"Song 0 · Artist 0", "Song 2 · Artist 0", "Song 1 · Artist 0"}
    assert marks["Song 0 · Artist 0"][0].tag == "circle"
    assert marks["Song 1 · Artist 0"][0].tag == "path"
    assert opened.atlas is not None
    x, y = (340 * opened.atlas.positions[0].astype(float)).tolist()
    assert marks["Song 0 · Artist 0"].get("transform") == f"translate({x:.1f} {y:.1f})"
    rows = [list(row.itertext()) for row in tree.iter("tr")]
    assert rows == [["Near", "yours", "recommended"], ["jazz", "2", "0"], ["rock", "0", "1"]]


def test_names_on_the_map_lie_over_the_marks(opened: Mapped) -> None:
    """What is drawn later covers what was drawn before; a mark under a name can be pointed at all the same."""
    drawing = next(
        each for each in parsed(map_picture(opened, [track_id(0)], [track_id(1)])).iter("svg") if len(each) > 3
    )
    drawn = [each.tag for each in drawing if each.tag in {"g", "text"}]
    assert drawn == sorted(drawn)
    assert set(drawn) == {"g", "text"}
    assert "pointer-events: none" in STYLE.partition("text.halo")[2].partition("}")[0]


def test_a_model_without_a_map_says_what_to_run(library: Library) -> None:
    """A model from before there were maps is no fault of the visitor's."""
    assert "segue train" in texts(map_picture(Mapped("hybrid@1", library), [track_id(0)], []))[0]


LENGTHS = st.lists(st.floats(0, 300), min_size=1, max_size=12)


@settings(max_examples=100)
@given(LENGTHS)
def test_labels_that_are_spread_out_never_overlap(heights: list[float]) -> None:
    """They keep their order, and stay within the picture, as long as there is room."""
    placed = spread_out(heights, 15, 0, 300)
    order = np.argsort(heights, kind="stable")
    assert (np.diff(np.array(placed)[order]) >= 15 - 1e-9).all()
    assert min(placed) >= -1e-9
    assert max(placed) <= 300 + 1e-9


BOXES = st.tuples(st.floats(0, 90), st.floats(0, 90)).map(lambda at: (at[0], at[1], at[0] + 10, at[1] + 10))


@settings(max_examples=50)
@given(st.lists(st.lists(BOXES, max_size=4), max_size=12))
def test_no_label_is_placed_on_another(choices: list[list[tuple[float, float, float, float]]]) -> None:
    """One that finds no room is left out."""
    placed: list[tuple[float, float, float, float]] = []
    for boxes in choices:
        found = first_free(boxes, placed)
        if found is None:
            assert all(any(overlaps(box, other) for other in placed) for box in boxes)
        else:
            assert not any(overlaps(found, other) for other in placed)
            placed.append(found)
