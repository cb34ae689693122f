"""What was measured, kept in a file for each size: a run that was stopped goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import log
from pathlib import Path
from statistics import linear_regression

from segue.registry.files import write_whole

FILE = "measured.json"


@dataclass(frozen=True)
class Step:
    """What a step took.

    Attributes
    ----------
    cpu : mapping of str to float
        Seconds of the processor, by part.
    counts : mapping of str to float
    total : float
        Seconds of the processor from start to end, importing modules included.
    peak : float
        The most memory, in MB.
    commit : str
        What was measured.
    """

    cpu: Mapping[str, float] = field(default_factory=dict)
    counts: Mapping[str, float] = field(default_factory=dict)
    total: float = 0.0
    peak: float = 0.0
    commit: str = ""


def read_steps(folder: Path) -> dict[str, Step]:
    """Return what was measured in a folder, by step."""
    path = folder / FILE
    if not path.exists():
        return {}
    return {name: Step(**step) for name, step in json.loads(path.read_text(encoding="utf-8")).items()}


def keep_step(folder: Path, name: str, step: Step) -> None:
    """Add a step to what was measured in a folder."""
    steps = {**read_steps(folder), name: step}
    write_whole(folder / FILE, json.dumps({key: asdict(one) for key, one in steps.items()}, indent=1))


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float | None:
    """Return how the values grow: b of a · size^b by least squares on logarithms; None from fewer than two."""
    pairs = [(log(size), log(value)) for size, value in zip(sizes, values, strict=True) if value > 0]
    if len(pairs) < 2:  # noqa: PLR2004 - a line takes two points
        return None
    return linear_regression(*zip(*pairs, strict=True)).slope
