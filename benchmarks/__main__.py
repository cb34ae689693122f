"""`make bench`: every comparison, as a table."""

from __future__ import annotations

import os
import platform
from importlib import import_module

from segue.console import note, print_table, run

TOPICS = ("startup", "store", "merge", "models")


def main() -> None:
    """Run every topic and print its ratios."""
    rows = []
    for topic in TOPICS:
        note(f"measuring {topic} …")
        rows += [ratio.row for ratio in import_module(f"benchmarks.{topic}").ratios()]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print_table(
        f"Segue beside the alternative ({machine})", ("task", "alternative", "Segue", "alternative", "ratio"), rows
    )


if __name__ == "__main__":
    run(main)
