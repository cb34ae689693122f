"""What the tables show of each step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.growth.results import Step


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


def _count(name: str) -> Callable[[Step], float]:
    return lambda step: step.counts.get(name, 0.0)


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
WHOLE = Row("`segue train`, with all that it measures", "train", lambda step: step.total)
FIRST_ANSWER = Row("opening model and catalog, and the first answer", "load", lambda step: sum(step.cpu.values()))
ONE_LISTENER = Row("one listener's two playlists, CPU ms", "recommend", _each("listeners", "listeners"))
CATALOG_TIMES = (
    FEATURES,
    ONE_FIT,
    *(Row(f"… {part}", "fit", _cpu(part)) for part in FIT),
    WHOLE,
    FIRST_ANSWER,
    Row("… opening the model", "load", _cpu("opening the model")),
    Row("what the night works out once for all listeners", "recommend", _cpu("opening everything")),
    ONE_LISTENER,
)
CATALOG_SPACE = (
    Row("`segue features`", "features", _peak),
    Row("one fit", "fit", _peak),
    Row("`segue train`, all its processes together", "train", _peak),
    Row("first answer", "load", _peak),
    Row("playlists", "recommend", _peak),
    Row("the store's file", "features", _count("store, MB")),
    Row("the model's files", "fit", _count("model, MB")),
)
LISTENERS_PEAK = Row("peak memory, MB", "listeners", _peak)
LISTENERS_ROWS = (
    Row("writing everybody's listens, CPU s", "listeners", _cpu("writing all listens")),
    Row("deleting what has expired (nothing), CPU s", "listeners", _cpu("deleting what has expired")),
    Row("reading all listeners, without listens, CPU s", "listeners", _cpu("reading all listeners, without listens")),
    Row("writing the listens of 1,000 again, CPU s", "listeners", _cpu("writing the listens of one bucket again")),
    Row("reading the listens of 1,000, CPU s", "listeners", _cpu("reading the listens of one bucket")),
    Row("reading the listens of one, CPU ms", "listeners", _each("reading the listens of single listeners", "reads")),
    Row("one listener's night, CPU ms", "listeners", _each("serving single listeners", "nights")),
    LISTENERS_PEAK,
    Row("the store's file, MB", "listeners", _count("store, MB")),
)
EVERY = (*CATALOG_TIMES, *CATALOG_SPACE, *LISTENERS_ROWS)
