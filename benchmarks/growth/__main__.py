"""`make growth`: measure every size, and write docs/growth.md. What was measured before is not measured again."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks.finished import embedded_store
from benchmarks.growth.document import write
from benchmarks.growth.memory import watch
from benchmarks.growth.results import Step, keep_step, read_steps
from benchmarks.growth.sizes import AMONG, CATALOGS, LISTENERS
from benchmarks.machine import surroundings
from segue.console import note, run
from segue.settings import load_settings

STEPS = ("features", "fit", "load", "recommend")


def main() -> None:
    """Measure what is asked for and was not yet, and write down all that was measured."""
    sizes = [*CATALOGS, *LISTENERS]
    parser = argparse.ArgumentParser("python -m benchmarks.growth", description=__doc__)
    parser.add_argument(
        "--sizes", nargs="+", choices=sizes, default=sizes, metavar="SIZE", help=f"of {', '.join(sizes)}"
    )
    parser.add_argument("--train", action="store_true", help="measure all of `segue train`, too: that takes hours")
    parser.add_argument("--again", action="store_true", help="measure anew what was measured before")
    asked = parser.parse_args()
    home = load_settings().var.absolute() / "growth"
    for size in asked.sizes:
        steps = (*STEPS, "train") if asked.train else STEPS
        if size in CATALOGS:
            for step in steps:
                _measure(home / size, step, size, asked.again)
        else:
            for step in STEPS[:2]:
                _measure(home / AMONG, step, AMONG, again=False)
            _measure(home / AMONG, "listeners", size, asked.again)
    write(home)


def _measure(folder: Path, step: str, size: str, again: bool) -> None:
    """Do a step in a process of its own, and keep what it took."""
    name = step if size in CATALOGS else f"{step} {size}"
    if name in read_steps(folder) and not again:
        return
    note(f"{size}: {step} …")
    folder.mkdir(parents=True, exist_ok=True)
    watched = watch(
        ["-m", "benchmarks.growth.step", step, size], {"SEGUE_VAR": str(folder), "SEGUE_STORE": embedded_store(folder)}
    )
    found, commit = json.loads(watched.output), surroundings()["commit"]
    keep_step(folder, name, Step(found["cpu"], found["counts"], watched.cpu, watched.peak, commit))
    note(f"{size}: {step}: {watched.cpu:,.1f} CPU s, {watched.peak:,.0f} MB")


if __name__ == "__main__":
    run(main)
