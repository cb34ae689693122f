"""docs/growth.md: what was measured, as tables and a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.growth.log_plot import Line, Plot, draw
from benchmarks.growth.results import Step, exponent, read_steps
from benchmarks.growth.sizes import AMONG, CATALOGS, LISTENERS
from benchmarks.machine import ROOT, surroundings
from benchmarks.measure import short
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


@dataclass(frozen=True)
class Row:
    """A line of a table.

    Attributes
    ----------
    title : str
    step : str
    value : callable
        What of the step is shown; 0 where it has nothing of the kind.
    """

    title: str
    step: str
    value: Callable[[Step], float]


def _cpu(*parts: str) -> Callable[[Step], float]:
    return lambda step: sum(step.cpu.get(part, 0.0) for part in parts)


def _each(part: str, count: str) -> Callable[[Step], float]:
    """Return what one of many took, in milliseconds."""
    return lambda step: 1000 * step.cpu.get(part, 0.0) / step.counts.get(count, 1)


def _peak(step: Step) -> float:
    return step.peak


FIT = (
    "reading the catalog",
    "placing recordings by content",
    "learning from playlists",
    "the graph of songs",
    "the map",
    "saving",
)
FEATURES = Row("`segue features`: read, merge, store", "features", _cpu("features"))
ONE_FIT = Row("one fit of the hybrid, all of it", "fit", _cpu(*FIT))
LISTENER_TIME = Row("one listener's two playlists, CPU ms", "recommend", _each("listeners", "listeners"))
CATALOG_TIMES = (
    FEATURES,
    ONE_FIT,
    *(Row(f"… {part}", "fit", _cpu(part)) for part in FIT),
    Row("`segue train`, with all that it measures", "train", lambda step: step.total),
    Row("opening model and catalog, and the first answer", "load", lambda step: sum(step.cpu.values())),
    Row("… opening the model", "load", _cpu("opening the model")),
    Row("what the night works out once for all listeners", "recommend", _cpu("opening everything")),
    LISTENER_TIME,
)
CATALOG_SPACE = (
    Row("`segue features`", "features", _peak),
    Row("one fit", "fit", _peak),
    Row("`segue train`, all its processes together", "train", _peak),
    Row("first answer", "load", _peak),
    Row("playlists", "recommend", _peak),
    Row("the store's file", "features", lambda step: step.counts.get("store, MB", 0.0)),
    Row("the model's files", "fit", lambda step: step.counts.get("model, MB", 0.0)),
)
LISTENERS_TIMES = (
    Row("writing everybody's listens, CPU s", "listeners", _cpu("writing all listens")),
    Row("deleting what has expired (nothing), CPU s", "listeners", _cpu("deleting what has expired")),
    Row("reading all listeners, without listens, CPU s", "listeners", _cpu("reading all listeners, without listens")),
    Row("writing the listens of 1,000 again, CPU s", "listeners", _cpu("writing the listens of one bucket again")),
    Row("reading the listens of 1,000, CPU s", "listeners", _cpu("reading the listens of one bucket")),
    Row("reading the listens of one, CPU ms", "listeners", _each("reading the listens of single listeners", "reads")),
    Row("one listener's night, CPU ms", "listeners", _each("serving single listeners", "nights")),
    Row("peak memory, MB", "listeners", _peak),
    Row("the store's file, MB", "listeners", lambda step: step.counts.get("store, MB", 0.0)),
)


def write(home: Path) -> None:
    """Write the page and its picture from all that was measured in `home`, each in one step."""
    by_catalog = {name: read_steps(home / name) for name in CATALOGS}
    catalogs = {name: steps for name, steps in by_catalog.items() if "features" in steps}
    by_listeners = {
        name: {"listeners": by_catalog[AMONG][f"listeners {name}"]}
        for name in LISTENERS
        if f"listeners {name}" in by_catalog[AMONG]
    }
    recordings = [steps["features"].counts["recordings"] for steps in catalogs.values()]
    everybody = [float(LISTENERS[name]) for name in by_listeners]
    write_whole(DOCS / "images" / "growth.svg", draw(_plots(recordings, list(catalogs.values()))))
    write_whole(DOCS / "growth.md", _page(catalogs, recordings, by_listeners, everybody))
    note(f"written: {DOCS / 'growth.md'}")


def _page(
    catalogs: Mapping[str, Mapping[str, Step]],
    recordings: Sequence[float],
    by_listeners: Mapping[str, Mapping[str, Step]],
    everybody: Sequence[float],
) -> str:
    steps, heads = list(catalogs.values()), [f"{count:,.0f} recordings" for count in recordings]
    commits = {step.commit: None for steps in (*catalogs.values(), *by_listeners.values()) for step in steps.values()}
    facts = surroundings() | {"commits": ", ".join(filter(None, commits))}
    machine = "\n".join(f"- {name}: {fact}" for name, fact in facts.items() if name != "commit")
    about = [
        f"- {counts['tracks']:,.0f} tracks, {counts['recordings']:,.0f} recordings, {counts['playlists']:,.0f} "
        f"playlists with {counts['playlist_tracks']:,.0f} tracks: {CATALOGS[name].about}"
        for name, counts in ((name, steps["features"].counts) for name, steps in catalogs.items())
    ]
    listeners = list(by_listeners.values())
    return "\n".join(
        [
            HEAD,
            machine,
            "\n![CPU seconds and memory over the number of recordings, both on logarithmic scales](images/growth.svg)",
            "\n## Larger catalogs\n",
            *about,
            CATALOG_NOTES,
            table("CPU s", heads, CATALOG_TIMES, recordings, steps),
            table("peak, MB", heads, CATALOG_SPACE, recordings, steps),
            "## More listeners\n",
            listeners_notes(listeners),
            table("", [f"{count:,.0f} listeners" for count in everybody], LISTENERS_TIMES, everybody, listeners),
        ]
    )


def listeners_notes(measured: Sequence[Mapping[str, Step]]) -> str:
    """Return what is said above the table of listeners."""
    nights = max((step["listeners"].counts["nights"] for step in measured), default=0)
    return (
        "Each listener has 100 rows of listens, drawn from public playlists, in SQLite. A night is what lies between "
        "reading\na listener's listens and calling Spotify, and what is written down of it: two playlists of 50 tracks "
        f"each. It is\nmeasured on {nights:,.0f} listeners of each number: what all of them take is that times their "
        "number.\n"
    )


def table(
    what: str,
    heads: Sequence[str],
    rows: Sequence[Row],
    sizes: Sequence[float],
    measured: Sequence[Mapping[str, Step]],
) -> str:
    """Return a table with a column for each size, and how each row grows; without rows that nobody has measured."""
    lines = [(what, *heads, "growth"), ("---", *["---:"] * (len(heads) + 1))]
    for row in rows:
        values = [row.value(steps[row.step]) if row.step in steps else 0.0 for steps in measured]
        if any(values):
            slope = exponent(sizes, values)
            cells = [short(value) if value else "–" for value in values]
            lines.append((row.title, *cells, "–" if slope is None else f"{slope:.2f}"))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _plots(sizes: Sequence[float], measured: Sequence[Mapping[str, Step]]) -> list[Plot]:
    times = [
        ("one fit", ONE_FIT.step, ONE_FIT.value),
        ("features", FEATURES.step, FEATURES.value),
        ("first answer", "load", lambda step: sum(step.cpu.values())),
        ("one listener", LISTENER_TIME.step, lambda step: LISTENER_TIME.value(step) / 1000),
    ]
    space = [(row.title.replace("`", "").partition(",")[0], row.step, row.value) for row in CATALOG_SPACE]
    return [
        Plot("CPU seconds", "recordings", _lines(times, sizes, measured)),
        Plot("Memory and files, MB", "recordings", _lines(space, sizes, measured)),
    ]


def _lines(
    series: Sequence[tuple[str, str, Callable[[Step], float]]],
    sizes: Sequence[float],
    measured: Sequence[Mapping[str, Step]],
) -> list[Line]:
    lines = []
    for label, step, value in series:
        values = [value(steps[step]) if step in steps else 0.0 for steps in measured]
        points = [(size, found) for size, found in zip(sizes, values, strict=True) if found > 0]
        slope = exponent(sizes, values)
        lines.append(Line(label if slope is None else f"{label} ({slope:.2f})", points))
    return [line for line in lines if line.points]
