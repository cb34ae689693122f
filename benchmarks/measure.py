"""How two ways to do a thing are compared."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 5


@dataclass(frozen=True)
class Ratio:
    """How much longer Segue takes than the alternative (below 1: it is faster).

    Attributes
    ----------
    task, alternative : str
        What was done, and what it was compared with.
    ours, theirs : float
        Median wall-clock seconds.
    """

    task: str
    alternative: str
    ours: float
    theirs: float

    @property
    def row(self) -> tuple[str, str, str, str, str]:
        """The cells of a table row."""
        return (
            self.task,
            self.alternative,
            f"{self.ours:.3f} s",
            f"{self.theirs:.3f} s",
            f"{self.ours / self.theirs:.2f}×",
        )


def compare(
    task: str, ours: Callable[[], object], alternative: str, theirs: Callable[[], object], rounds: int = ROUNDS
) -> Ratio:
    """Run both in alternating rounds, so that whatever else the machine does falls on both alike."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for taken, run in zip(times, (ours, theirs), strict=True):
            started = time.perf_counter()
            run()
            taken.append(time.perf_counter() - started)
    return Ratio(task, alternative, statistics.median(times[0]), statistics.median(times[1]))
