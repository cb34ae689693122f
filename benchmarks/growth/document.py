"""docs/growth.md and its pictures: what was measured, and what it would come to."""

from __future__ import annotations

from pathlib import Path

from benchmarks.growth.log_plot import Line, Plot, draw
from benchmarks.growth.results import Step, read_steps
from benchmarks.growth.rows import (
    CATALOG_SPACE,
    CATALOG_TIMES,
    FEATURES,
    FIRST_ANSWER,
    LISTENERS_PEAK,
    LISTENERS_ROWS,
    ONE_FIT,
    ONE_LISTENER,
    WHOLE,
    Row,
)
from benchmarks.growth.sizes import AMONG, CATALOGS, LISTENERS
from benchmarks.growth.tables import Measurements
from benchmarks.machine import ROOT, surroundings
from segue.console import note
from segue.registry.files import write_whole

DOCS = ROOT / "docs"
HEAD = """# Growth

The same work on larger and larger catalogs, and for more and more listeners. `make growth` writes this page; it takes
hours, and what it has measured it does not measure again. [Scale](scale.md) says what follows from it.

Each step runs in a fresh process. "CPU s" are the processor's seconds of all threads; what importing modules takes is
left out. The peak is the most memory that the process had, its modules (about 300 MB) included. A growth of *b* means
that *n* times as many take *n*<sup>*b*</sup> times as much: the slope of a straight line through the logarithms, by
least squares.
"""
CATALOG_NOTES = """
The public playlists are the same on each, but a larger catalog knows more of what is on them. Tracks without a title
have no artists, no album and no labels of their own, only the genres of their artists: they take what any other
recording takes to be scored, and less to be read.
"""
LISTENERS_NOTES = """
Each listener has 100 rows of listens, drawn from public playlists, in SQLite. A night is what lies between reading a
listener's listens and calling Spotify, and what is written down of it: two playlists of 50 tracks each. It is measured
on {nights:.0f} of them: what all take is that times their number.
"""
FARTHER_NOTES = """
What would come of it if it went on like that. Nothing of this was measured, and much of it would break first. The
figures are those of the largest size, times the growth; with the recordings they are taken to grow at least in
proportion, as what is fixed hides some of the growth in small catalogs.
"""


def write(home: Path) -> None:
    """Write the page and its pictures from all that was measured in `home`, each in one step."""
    by_catalog = {name: read_steps(home / name) for name in CATALOGS}
    measured = {name: steps for name, steps in by_catalog.items() if "features" in steps}
    sizes = [steps["features"].counts["recordings"] for steps in measured.values()]
    catalogs = Measurements("recordings", sizes, list(measured.values()), least=1.0)
    served = {
        LISTENERS[name]: {"listeners": by_catalog[AMONG][f"listeners {name}"]}
        for name in LISTENERS
        if f"listeners {name}" in by_catalog[AMONG]
    }
    listeners = Measurements("listeners", list(served), list(served.values()))
    write_whole(DOCS / "images" / "growth.svg", _picture(catalogs, farther=False))
    write_whole(DOCS / "images" / "scale.svg", _picture(catalogs, farther=True))
    write_whole(DOCS / "growth.md", _page(measured, catalogs, listeners))
    note(f"written: {DOCS / 'growth.md'}")


def _page(measured: dict[str, dict[str, Step]], catalogs: Measurements, listeners: Measurements) -> str:
    commits = {step.commit: None for steps in (*catalogs.steps, *listeners.steps) for step in steps.values()}
    facts = surroundings() | {"commits": ", ".join(filter(None, commits))}
    nights = max((steps["listeners"].counts["nights"] for steps in listeners.steps), default=0)
    return "\n".join(
        [
            HEAD,
            *(f"- {name}: {fact}" for name, fact in facts.items() if name != "commit"),
            "\n![CPU seconds and memory over the number of recordings, both on logarithmic scales](images/growth.svg)",
            "\n## Larger catalogs\n",
            *(_about(name, steps["features"]) for name, steps in measured.items()),
            CATALOG_NOTES,
            catalogs.table("CPU s", CATALOG_TIMES),
            catalogs.table("MB, peak or size", CATALOG_SPACE),
            "## More listeners",
            LISTENERS_NOTES.format(nights=nights),
            listeners.table("", LISTENERS_ROWS),
            "## Farther than that",
            FARTHER_NOTES,
            catalogs.farther("CPU s", (FEATURES, ONE_FIT, WHOLE, FIRST_ANSWER, ONE_LISTENER)),
            catalogs.farther("MB, peak or size", CATALOG_SPACE),
            listeners.farther("", [row for row in LISTENERS_ROWS if row is not LISTENERS_PEAK]),
        ]
    )


def _about(name: str, features: Step) -> str:
    counts = features.counts
    return (
        f"- {counts['recordings']:,.0f} recordings of {counts['tracks']:,.0f} tracks, {counts['playlists']:,.0f} "
        f"playlists with {counts['playlist_tracks']:,.0f} entries: {CATALOGS[name].about}"
    )


def _picture(catalogs: Measurements, *, farther: bool) -> str:
    seconds = Row(ONE_LISTENER.title, ONE_LISTENER.step, lambda step: ONE_LISTENER.value(step) / 1000)
    times = {"one fit": ONE_FIT, "features": FEATURES, "first answer": FIRST_ANSWER, "one listener": seconds}
    peaks = {row.title.replace("`", "").partition(",")[0]: row for row in CATALOG_SPACE}
    plots = (("CPU seconds", times), ("Memory and files, MB", peaks))
    return draw([Plot(title, "recordings", _lines(catalogs, rows, farther=farther)) for title, rows in plots])


def _lines(catalogs: Measurements, rows: dict[str, Row], *, farther: bool) -> list[Line]:
    lines = [catalogs.line(row, label, farther=farther) for label, row in rows.items()]
    return [line for line in lines if line.points]
