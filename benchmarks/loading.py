"""From a registered model to a first answer, beside the same model in one compressed file.

Each time in a new process that has imported everything that is needed; only what comes then is measured, on both sides
alike: opening the model, and ranking the catalog for a listener of a few songs. The model is the hybrid that is
registered in SEGUE_VAR, or where there is none, that of a made-up catalog.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import joblib
import numpy as np

from benchmarks.made_up import made_up_catalog, made_up_hybrid
from benchmarks.measure import ROUNDS, Ratio, cpu_seconds
from inference_pipeline.models import load_model
from segue.errors import SegueError
from segue.models.blend import Blend
from segue.models.ranking import Query, rank
from segue.registry import open_registry
from segue.settings import load_settings

NAME = "hybrid"
SEEDS = 5
LENGTH = 50


def ratios() -> Iterator[Ratio]:
    """Compare with joblib's compressed pickle."""
    with tempfile.TemporaryDirectory() as folder:
        surroundings, model = _registered() or _made_up(Path(folder))
        compressed = Path(folder) / "model.joblib"
        joblib.dump(model, compressed, compress=3)
        ways = ("registered()", f"compressed({str(compressed)!r})")
        runs = [[_seconds(way, surroundings) for way in ways] for _ in range(ROUNDS)]
        ours, theirs = (statistics.median(taken) for taken in zip(*runs, strict=True))
        yield Ratio(
            f"load a model of {len(model.recordings):,} recordings and answer",
            "joblib.load, compress=3, and answer",
            ours,
            theirs,
            floor=30,
            goal=100,
            faster=True,
            note=f"the best {LENGTH} for {SEEDS} songs; {_answers_alike(ways, surroundings)}",
        )


def registered() -> float:
    """Return the seconds from the registered model to its first answer."""
    return _timed(lambda: load_model(load_settings(), NAME).blend)


def compressed(path: str) -> float:
    """Return the seconds from a compressed file to the first answer of the model in it."""
    return _timed(lambda: joblib.load(path))


def _timed(open_model: Callable[[], Blend]) -> float:
    np.random.default_rng(0)
    began = cpu_seconds()
    _answer(open_model())
    return cpu_seconds() - began
