"""What was measured at several sizes, as tables and lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.growth.log_plot import Line
from benchmarks.growth.results import Step, exponent
from benchmarks.growth.rows import Row
from benchmarks.measure import short

FARTHER = (1e6, 1e7, 1e8)


@dataclass(frozen=True)
class Measurements:
    """The steps of each size.

    Attributes
    ----------
    what : str
        What there are more and more of.
    sizes : sequence of float
        How many of them, ascending.
    steps : sequence of mapping of str to Step
        What was measured of each, by step.
    least : float
        What is worked out beyond them grows at least by this: parts that do not grow hide some of it in small sizes.
    """

    what: str
    sizes: Sequence[float]
    steps: Sequence[Mapping[str, Step]]
    least: float = 0.0

    def values(self, row: Row) -> list[float]:
        """Return a row's value at each size; 0 where it was not measured."""
        return [row.value(steps[row.step]) if row.step in steps else 0.0 for steps in self.steps]

    def growth(self, row: Row) -> float | None:
        """Return the exponent of a row; None where it was measured at fewer than two sizes."""
        return exponent(self.sizes, self.values(row))

    def at(self, row: Row, size: float) -> float | None:
        """Return what a row comes to at a size that nobody has measured, from the largest one by the exponent."""
        slope = self.growth(row)
        if slope is None:
            return None
        largest, value = max((size, value) for size, value in zip(self.sizes, self.values(row), strict=True) if value)
        return float(value * (size / largest) ** max(slope, self.least))

    def table(self, unit: str, rows: Sequence[Row]) -> str:
        """Return what was measured, with the exponents; without the rows of which nothing was."""
        heads = [f"{size:,.0f} {self.what}" for size in self.sizes]
        lines = [(unit, *heads, "growth")]
        for row in rows:
            values, slope = self.values(row), self.growth(row)
            if any(values):
                cells = [short(value) if value else "–" for value in values]
                lines.append((row.title, *cells, "–" if slope is None else f"{slope:.2f}"))
        return _markdown(lines)

    def farther(self, unit: str, rows: Sequence[Row]) -> str:
        """Return what rows come to at sizes that nobody has measured."""
        lines = [(unit, *(f"{size:,.0f} {self.what}" for size in FARTHER))]
        for row in rows:
            found = [self.at(row, size) for size in FARTHER]
            lines += [(row.title, *(short(value) for value in found if value is not None))] if found[0] else []
        return _markdown(lines)

    def line(self, row: Row, label: str, *, farther: bool = False) -> Line:
        """Return a row as a line to draw, with its exponent; `farther` with what it comes to beyond."""
        points = [(size, value) for size, value in zip(self.sizes, self.values(row), strict=True) if value]
        slope = self.growth(row)
        beyond = [(size, self.at(row, size) or 0.0) for size in FARTHER] if farther and slope is not None else []
        return Line(label if slope is None else f"{label} ({slope:.2f})", points, beyond)


def _markdown(lines: Sequence[Sequence[str]]) -> str:
    head, *body = [f"| {' | '.join(line)} |" for line in lines]
    return "\n".join([head, "| --- |" + " ---: |" * (len(lines[0]) - 1), *body]) + "\n"
