"""How two ways to do a thing are compared."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

ROUNDS = 5


@dataclass(frozen=True)
class Ratio:
    """One row of a topic: what Segue takes beside an alternative.

    Attributes
    ----------
    task, alternative : str
        What was done, and what it was compared with.
    ours, theirs : float
        What each took.
    floor, goal : float, optional
        Bounds of `ratio`, worst and wished for; without them it is told and not judged.
    unit : str
        Of `ours` and `theirs`: ``"CPU s"``, ``"s"`` (by the clock on the wall), ``"MB"`` …
    faster : bool
        Whether the ratio says how many times faster Segue is (more is better), not how many times longer it takes.
    note : str
        What was checked beside the time, such as exactness.
    """

    task: str
    alternative: str
    ours: float
    theirs: float
    floor: float | None = None
    goal: float | None = None
    unit: str = "CPU s"
    faster: bool = False
    note: str = ""

    @property
    def ratio(self) -> float:
        """Ours beside theirs; where `faster`, theirs beside ours."""
        return self.theirs / self.ours if self.faster else self.ours / self.theirs

    @property
    def verdict(self) -> str:
        """What is held: ``"goal"``, ``"floor"`` or ``"missed"``; empty where there is no bound."""
        if self.floor is None and self.goal is None:
            return ""
        return "goal" if self._holds(self.goal) else "floor" if self._holds(self.floor) else "missed"

    @property
    def row(self) -> tuple[str, ...]:
        """The cells of a table row, as `COLUMNS` names them."""
        return (
            f"{self.task} ({self.note})" if self.note else self.task,
            self.alternative,
            f"{short(self.ours)} {self.unit}",
            f"{short(self.theirs)} {self.unit}",
            f"{short(self.ratio)}×{' faster' if self.faster else ''}",
            self._bound(self.floor),
            self._bound(self.goal),
            self.verdict,
        )

    def _holds(self, bound: float | None) -> bool:
        return bound is not None and (self.ratio >= bound if self.faster else self.ratio <= bound)

    def _bound(self, bound: float | None) -> str:
        return "" if bound is None else f"{'≥' if self.faster else '≤'} {short(bound)}×"


COLUMNS = ("task", "alternative", "Segue", "alternative", "ratio", "floor", "goal", "verdict")


def short(value: float) -> str:
    """Return a number with three digits that count, such as ``0.00124``, ``1,240`` or ``1.2``."""
    if abs(value) >= 1000:  # noqa: PLR2004 - from here on a separator helps
        return f"{float(f'{value:.3g}'):,.0f}"
    return np.format_float_positional(value, 3, unique=False, fractional=False, trim="-")


def cpu_seconds() -> float:
    """Return the processor's seconds that this process, its threads and the processes that it waited for have used."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def compare(  # noqa: PLR0913 - what is compared, and how
    task: str,
    ours: Callable[[], object],
    alternative: str,
    theirs: Callable[[], object],
    *,
    rounds: int = ROUNDS,
    clock: Callable[[], float] = cpu_seconds,
    **more: Any,
) -> Ratio:
    """Run both in alternating rounds, so that whatever else the machine does falls on both alike.

    Parameters
    ----------
    clock : callable
        Processor's seconds by default, which other programs disturb least; ``time.perf_counter`` where waiting counts.
    **more
        Other attributes of `Ratio`.
    """
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for taken, run in zip(times, (ours, theirs), strict=True):
            started = clock()
            run()
            taken.append(clock() - started)
    unit = "s" if clock is time.perf_counter else "CPU s"
    ours_took, theirs_took = map(statistics.median, times)
    return Ratio(task, alternative, ours_took, theirs_took, **{"unit": unit, **more})
