"""`make bench`: every comparison, written to docs/benchmarks.md. `python -m benchmarks TOPIC` only prints some."""

from __future__ import annotations

import argparse

from benchmarks.document import DOCUMENT, measure, write
from benchmarks.machine import surroundings
from benchmarks.measure import COLUMNS
from segue.console import note, print_table, run

TOPICS = ("startup", "store", "merge", "loading", "neighbors", "models", "batch", "cluster", "app")


def main() -> None:
    """Measure what is asked for; the document is written when that is everything."""
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=f"one of {', '.join(TOPICS)}; without any, all")
    asked = parser.parse_args().topics or TOPICS
    for unknown in set(asked) - set(TOPICS):
        parser.error(f"there is no topic {unknown!r}: name some of {', '.join(TOPICS)}")
    sections = []
    for topic in sorted(set(asked), key=TOPICS.index):
        note(f"measuring {topic} …")
        sections.append(measure(topic))
    for section in sections:
        if section.ratios:
            print_table(section.topic, COLUMNS, [ratio.row for ratio in section.ratios])
        if section.missing:
            note(f"not measured: {section.missing}")
    if set(asked) == set(TOPICS):
        write(sections, surroundings())
        note(f"written: {DOCUMENT}")
    if any(section.failed for section in sections):
        raise SystemExit(1)


if __name__ == "__main__":
    run(main)
