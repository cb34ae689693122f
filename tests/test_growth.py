"""How growth is measured and written down. What it comes to is measured by `make growth` and tested by nobody."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from catalogs import made_up_tracks, track_id
from conftest import ROOT

from benchmarks.growth import __main__ as growth
from benchmarks.growth import catalogs, document
from benchmarks.growth.listening import PLAYED, listeners_of, listens_of
from benchmarks.growth.log_plot import COLORS, Line, Plot, draw
from benchmarks.growth.measured import Measured
from benchmarks.growth.memory import watch
from benchmarks.growth.results import Step, exponent, keep_step, read_steps
from benchmarks.growth.rows import EVERY, Row
from benchmarks.growth.sizes import CATALOGS
from benchmarks.growth.sizes import LISTENERS as SIZES
from benchmarks.growth.stored import store_and_serve
from benchmarks.growth.tables import Measurements
from segue.errors import SegueError, SettingsError
from segue.groups import LISTENERS, LISTENS, PLAYLIST_TRACKS, TRACKS
from segue.models.catalog import Catalog
from segue.settings import load_settings
from segue.store import FeatureStore

SVG = "{http://www.w3.org/2000/svg}"
NOW = pd.Timestamp("2026-03-01", tz="UTC").to_pydatetime()


def test_the_exponent_is_that_of_a_power() -> None:
    """Three points of 2 n^1.5 have the slope 1.5; what was not measured does not count."""
    sizes = [90.0, 185.0, 743.0]
    assert exponent(sizes, [2 * size**1.5 for size in sizes]) == pytest.approx(1.5)
    assert exponent(sizes, [2 * sizes[0] ** 1.5, 0.0, 2 * sizes[2] ** 1.5]) == pytest.approx(1.5)
    assert exponent(sizes, [0.0, 3.0, 0.0]) is None


def test_a_program_is_watched_with_all_that_it_starts() -> None:
    """Its own CPU time and what it printed; of memory, the most that it and its children have at once."""
    child = "block = bytearray(200_000_000); import time; time.sleep(1.5)"
    parent = f"import subprocess, sys; {child.split(';', maxsplit=1)[0]}; print('done'); "
    parent += f"subprocess.run([sys.executable, '-c', {child!r}], check=True); sum(range(3_000_000))"
    watched = watch(["-c", parent], {})
    assert watched.output == "done\n"
    assert watched.cpu > 0
    assert 200 < watched.largest < 400
    if sys.platform == "linux":
        assert 400 < watched.together < 800
        assert watched.peak == watched.together


def test_a_program_that_fails_is_no_measurement() -> None:
    """Its status is said; nothing is kept of it."""
    with pytest.raises(SegueError, match=r"failed \(3\)"):
        watch(["-c", "raise SystemExit(3)"], {})


def test_what_was_measured_is_kept_step_by_step(tmp_path: Path) -> None:
    """A later run finds all of it; a step that is measured again replaces the old one."""
    assert read_steps(tmp_path) == {}
    keep_step(tmp_path, "features", Step({"features": 1.5}, {"recordings": 7}, 2.0, 300.0))
    keep_step(tmp_path, "fit", Step({"saving": 1.0}))
    keep_step(tmp_path, "fit", Step({"saving": 2.0}))
    assert read_steps(tmp_path) == {
        "features": Step({"features": 1.5}, {"recordings": 7}, 2.0, 300.0),
        "fit": Step({"saving": 2.0}),
    }


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every step of a size is there, none is measured again, and the page has them all."""
    monkeypatch.setattr(document, "DOCS", tmp_path / "docs")
    (tmp_path / "docs" / "images").mkdir(parents=True)
    home = load_settings().var.absolute() / "growth"
    for place, size in enumerate(("one", "named")):
        (home / size).mkdir(parents=True)
        counts = {
            "recordings": 1000.0 * 4**place,
            "tracks": 5.0,
            "playlists": 3.0,
            "playlist_tracks": 9.0,
            "listeners": 2.0,
        }
        for step in growth.STEPS:
            keep_step(home / size, step, Step({"features": 2.0 * 4**place, "listeners": 0.2}, counts, 9.0, 100.0))
    monkeypatch.setattr(sys, "argv", ["growth", "--sizes", "one", "named"])
    growth.main()
    page = (tmp_path / "docs" / "growth.md").read_text(encoding="utf-8")
    assert "| `segue features`: read, merge, store | 2 | 8 | 1.00 |" in page
    assert "| one listener's two playlists, CPU ms | 100 | 100 | 0.00 |" in page
    assert "features (1.00)" in (tmp_path / "docs" / "images" / "growth.svg").read_text(encoding="utf-8")


def test_rows_that_nobody_has_measured_are_left_out() -> None:
    """A size that lacks a step has a dash, and a row without any figure is none."""
    rows = [Row("there", "fit", lambda step: step.peak), Row("absent", "train", lambda step: step.peak)]
    measured = Measurements("tracks", [1.0, 2.0], [{"fit": Step(peak=1234.5)}, {}])
    assert measured.table("MB", rows).splitlines() == [
        "| MB | 1 tracks | 2 tracks | growth |",
        "| --- | ---: | ---: | ---: |",
        "| there | 1,230 | – | – |",
    ]
    assert measured.farther("MB", rows).count("\n") == 2


def test_what_nobody_has_measured_is_the_largest_times_its_growth() -> None:
    """From 10 MB for 100,000, which grew by the root: 100 MB for a hundred times as many."""
    row = Row("a row", "fit", lambda step: step.peak)
    steps = [{"fit": Step(peak=peak)} for peak in (1.0, 10.0)]
    measured = Measurements("tracks", [1e3, 1e5], steps)
    assert measured.at(row, 1e7) == pytest.approx(100)
    assert "| a row | 31.6 | 100 | 316 |" in measured.farther("MB", [row])
    assert replace(measured, least=1.0).at(row, 1e7) == pytest.approx(1000)
    assert measured.line(row, "a", farther=True).beyond[1] == (1e7, pytest.approx(100))


def test_without_datasets_nothing_is_measured() -> None:
    """The message names the setting."""
    with pytest.raises(SettingsError, match="SEGUE_DATA_DIR"):
        CATALOGS["named"].request(load_settings())


@pytest.fixture
def playing(store: FeatureStore) -> Catalog:
    """Return a small catalog that is stored, with playlists."""
    tracks = made_up_tracks(300)
    random = np.random.default_rng(0)
    listed = [(f"list {number}", random.choice(300, 30, replace=False)) for number in range(20)]
    rows = [
        {"playlist_id": name, "track_id": track_id(int(number)), "position": place, "source": "test"}
        for name, numbers in listed
        for place, number in enumerate(numbers)
    ]
    store.replace(TRACKS, tracks)
    store.replace(PLAYLIST_TRACKS, pd.DataFrame(rows))
    return Catalog(tracks.set_index("track_id"))


def test_made_up_listeners_play_what_playlists_hold(playing: Catalog) -> None:
    """A hundred tracks each, every list of theirs in order; the same ones whoever else is asked for."""
    playlists = [np.arange(start, start + 40) for start in range(0, 280, 40)]
    listens = LISTENS.validate(listens_of(range(5), playlists, playing, NOW))
    assert listens.groupby("listener_id").size().to_list() == [PLAYED] * 5
    ranks = listens.groupby(["listener_id", "source"])["rank"].apply(sorted)
    assert all(found == list(range(1, 26)) for found in ranks)
    alone = listens_of(range(3, 4), playlists, playing, NOW)
    pd.testing.assert_frame_equal(alone, listens.iloc[3 * PLAYED : 4 * PLAYED].reset_index(drop=True))
    assert LISTENERS.validate(listeners_of(range(5), "spotify", NOW))["listener_id"].nunique() == 5


def test_every_part_of_every_step_has_its_row(playing: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is measured of a catalog and of its listeners stands in a table of the page."""
    del playing
    monkeypatch.setattr(catalogs, "SAMPLE", 2)
    monkeypatch.setattr("benchmarks.growth.stored.READS", 2)
    monkeypatch.setattr("benchmarks.growth.stored.NIGHTS", 2)
    monkeypatch.setitem(SIZES, "1k", 6)
    steps = {name: Measured() for name in ("fit", "load", "recommend", "listeners")}
    catalogs.fit(steps["fit"], "named")
    catalogs.load(steps["load"], "named")
    catalogs.recommend(steps["recommend"], "named")
    store_and_serve(steps["listeners"], "1k")
    kept = {name: Step(measured.cpu, measured.counts, 1.0, 1.0) for name, measured in steps.items()}
    rows = [row for row in EVERY if row.step in kept]
    assert all(row.value(kept[row.step]) > 0 for row in rows)
    for name, step in kept.items():
        for part in step.cpu:
            less = Step({**step.cpu, part: step.cpu[part] + 1}, step.counts, step.total, step.peak)
            assert any(row.value(less) != row.value(step) for row in rows if row.step == name), part
    assert kept["recommend"].counts["tracks"] == 2 * 2 * 50


def test_the_page_has_every_row() -> None:
    """docs/growth.md was written by the code as it is: all but the row of the whole training has been measured."""
    page = (ROOT / "docs" / "growth.md").read_text(encoding="utf-8")
    titles = [row.title for row in EVERY if row.step != "train"]
    assert [title for title in titles if f"| {title} |" not in page] == []


LINES = [Line(f"line {number}", [(90e3, 10.0 + number), (743e3, 10.5 + number)]) for number in range(len(COLORS))]


def test_lines_are_drawn_on_logarithmic_scales() -> None:
    """A power of ten is equally far wherever it begins, and all is inside of the picture."""
    picture = ET.fromstring(draw([Plot("CPU s", "recordings", [Line("a", [(1e3, 1.0), (1e4, 10.0), (1e5, 100.0)])])]))  # noqa: S314 - Segue has just written it
    dots = [(float(dot.get("cx", 0)), float(dot.get("cy", 0))) for dot in picture.iter(f"{SVG}circle")]
    (x0, y0), (x1, y1), (x2, y2) = dots
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.2)
    assert y0 - y1 == pytest.approx(y1 - y2, abs=0.2)
    width, height = float(picture.get("width", 0)), float(picture.get("height", 0))
    assert all(0 < x < width and 0 < y < height for x, y in dots)


def test_no_label_covers_another() -> None:
    """Lines that end in the same place have labels one below the other, within the picture."""
    picture = ET.fromstring(draw([Plot("CPU s", "recordings", LINES)]))  # noqa: S314 - as above
    labels = [text for text in picture.iter(f"{SVG}text") if (text.text or "").startswith("line ")]
    heights = sorted(float(text.get("y", 0)) for text in labels)
    assert len(heights) == len(LINES)
    assert min(np.diff(heights)) >= 13
    assert heights[0] > 0
    assert heights[-1] < float(picture.get("height", 0))


def test_lines_have_another_color_in_the_dark() -> None:
    """Each of them can be told on either ground."""
    style = draw([Plot("CPU s", "recordings", LINES)]).split("</style>", maxsplit=1)[0]
    colors = re.findall(r"path\.line(\d) \{ stroke: (#\w{6})", style)
    assert len({color for _, color in colors}) == len(colors) == 2 * len(COLORS)
