"""docs/benchmarks.md: what was measured, on what, and whether that is good enough."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module

from benchmarks.machine import ROOT
from benchmarks.measure import COLUMNS, Ratio
from segue.console import note
from segue.errors import SegueError
from segue.registry.files import write_whole

DOCUMENT = ROOT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Segue beside what one would pick instead, on the same data in the same run. What counts are the ratios: seconds are
those of one machine. This page is written by `make bench` (`python -m benchmarks TOPIC` prints some of it).

Both sides run in alternating rounds, and the medians are compared; what takes minutes runs once. "CPU s" are the
processor's seconds of all threads and processes that took part, which other programs disturb least; "s" are seconds by
the clock on the wall. A ratio is what Segue takes divided by what the alternative takes, or, where it says "faster",
the other way round. The floor is what each row has to hold, the goal what it should; the verdict says which of the two
it does.
"""


@dataclass(frozen=True)
class Section:
    """A topic as it was measured.

    Attributes
    ----------
    topic : str
        The name of its module.
    about : str
        What the module says of itself.
    ratios : list of Ratio
    missing : str
        Why there is no more; empty where it is complete.
    failed : bool
        Whether that is an error, rather than something that is not there to measure with.
    """

    topic: str
    about: str
    ratios: list[Ratio] = field(default_factory=list)
    missing: str = ""
    failed: bool = False


def measure(topic: str) -> Section:
    """Measure a topic as far as it can be measured here."""
    module = import_module(f"benchmarks.{topic}")
    about = inspect.getdoc(module) or ""
    ratios: list[Ratio] = []
    try:
        for ratio in module.ratios():
            note(f"  {ratio.task}: {ratio.row[4]} {ratio.verdict}")
            ratios.append(ratio)
    except SegueError as error:
        return Section(topic, about, ratios, str(error))
    except Exception as error:  # noqa: BLE001 - what was measured of other topics must not be lost
        return Section(topic, about, ratios, f"{type(error).__name__}: {error}", failed=True)
    return Section(topic, about, ratios)


def page(sections: Iterable[Section], facts: Mapping[str, str]) -> str:
    """Return the document."""
    machine = "\n".join(f"- {name}: {fact}" for name, fact in facts.items())
    return "\n".join([HEAD, machine, *map(_section, sections)])


def write(sections: Iterable[Section], facts: Mapping[str, str]) -> None:
    """Write the document in one step."""
    write_whole(DOCUMENT, page(sections, facts))


def _section(section: Section) -> str:
    parts = [f"\n## {section.topic}\n\n{section.about}\n"]
    if section.ratios:
        parts.append(_table(section.ratios))
    if section.missing:
        parts.append(f"Not measured here: {section.missing}.\n")
    return "\n".join(parts)


def _table(ratios: Sequence[Ratio]) -> str:
    rows = [COLUMNS, ("---",) * len(COLUMNS), *(ratio.row for ratio in ratios)]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows) + "\n"
