"""Bar charts as SVG."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from training_pipeline.svg import Bar, Panel, draw

SVG = "{http://www.w3.org/2000/svg}"
NAMES = ["random", "a method with quite a long name <of its own> & more", "hybrid"]
PANELS = [
    Panel(f"set {number}", [Bar(name, number * 0.1, 0.05, ours=name == "hybrid") for name in NAMES], ["of a file"])
    for number in range(1, 7)
]


def drawn(panels: list[Panel], title: str = "A title") -> ET.Element:
    """Return the picture as a browser reads it."""
    return ET.fromstring(draw(title, panels))  # noqa: S314 - Segue has just written it


def texts(picture: ET.Element) -> list[str]:
    """Return what is written in a picture: as text, that can be searched for and read aloud."""
    return [text.text or "" for text in picture.iter(f"{SVG}text")]


def test_a_label_stands_once_for_each_band_of_panels() -> None:
    """Six panels are two bands; each has its title, its notes and a figure for each bar."""
    written = texts(drawn(PANELS))
    assert [written.count(name) for name in NAMES] == [2, 2, 2]
    assert all(written.count(panel.title) == 1 for panel in PANELS)
    assert written.count("of a file") == 6
    assert written.count("0.300") == 3
    assert written[0] == "A title"


def test_bars_of_a_panel_share_a_scale_and_show_their_intervals() -> None:
    """Twice the value is twice as long; the line reaches as far as the interval, but not below nothing."""
    bars = [Bar("half", 0.2, 0.1), Bar("whole", 0.4, 0.1, ours=True), Bar("unsure", 0.1, 0.2), Bar("certain", 7.0)]
    picture = drawn([Panel("three", bars[:3]), Panel("one", bars[3:])])
    half, whole, unsure, _ = (
        rectangle for rectangle in picture.iter(f"{SVG}rect") if rectangle.get("class") in {"ours", "other"}
    )
    assert float(whole.get("width", 0)) == pytest.approx(2 * float(half.get("width", 0)), abs=0.1)
    assert (half.get("class"), whole.get("class")) == ("other", "ours")
    lines = [path.get("d", "")[1:].replace("H", " ").split() for path in picture.iter(f"{SVG}path")]
    left, length = float(half.get("x", 0)), float(half.get("width", 0))
    assert [float(lines[0][0]), float(lines[0][2])] == pytest.approx([left + length / 2, left + 1.5 * length], abs=0.2)
    assert float(lines[2][0]) == float(unsure.get("x", 0))
    assert len(lines) == 3  # what is counted has no interval
    assert "7" in texts(picture)


def test_nothing_is_drawn_outside_of_the_picture() -> None:
    """Whatever names are long: a letter of this font is seldom wider than 7 pixels."""
    wide = Panel("one", [Bar("b", 0.5, 0.5)], ["a note that is longer than any bar, of a collection with a long name"])
    for picture in (drawn(PANELS), drawn([wide]), drawn([], "A title that is wider than what is below it")):
        for text in picture.iter(f"{SVG}text"):
            length = 6 * len(text.text or "")
            start = float(text.get("x", 0)) - (length if text.get("text-anchor") == "end" else 0)
            assert start >= 0
            assert start + length <= float(picture.get("width", 0))
            assert float(text.get("y", 0)) <= float(picture.get("height", 0))


def test_a_picture_can_be_read_on_light_and_dark_pages() -> None:
    """It brings its own ground, and whatever has a color has another one in the dark."""
    light, dark = draw("A title", PANELS).split("@media (prefers-color-scheme: dark)")
    colored = re.compile(r"^ *([\w.]+) \{ (?:fill|stroke): (#\w{6})", re.MULTILINE)
    by_day, by_night = dict(colored.findall(light)), dict(colored.findall(dark))
    assert {"text", "rect.page", "rect.ours", "rect.other", "path"} <= set(by_day)
    assert set(by_day) == set(by_night)
    assert not set(by_day.items()) & set(by_night.items())
    assert '<rect class="page"' in dark
