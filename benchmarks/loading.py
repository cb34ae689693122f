"""From a registered model to a first answer, beside the same model in one compressed file.

Each time in a new process that has imported everything; what is measured is opening the model and answering, on both
sides alike. The model is the hybrid that is registered in SEGUE_VAR or, where there is none, that of a made-up catalog.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import joblib
import numpy as np

from benchmarks.made_up import made_up_catalog, made_up_hybrid
from benchmarks.measure import ROUNDS, Ratio, cpu_seconds
from inference_pipeline.models import load_model
from segue.console import note
from segue.errors import SegueError
from segue.models.blend import Blend
from segue.models.ranking import Query, rank
from segue.models.songs import song_graph
from segue.registry import open_registry
from segue.settings import load_settings

NAME = "hybrid"
SEEDS = 5
LENGTH = 50
GRAPH_ROWS = 1_000


def ratios() -> Iterator[Ratio]:
    """Compare with joblib's compressed pickle."""
    with tempfile.TemporaryDirectory() as folder:
        var, model = _registered() or _made_up(Path(folder))
        compressed = Path(folder) / "model.joblib"
        joblib.dump(model, compressed, compress=3)
        for question, what in QUESTIONS.items():
            runs = [_both(question, var, compressed) for _ in range(ROUNDS)]
            ours, theirs = (statistics.median(taken) for taken in zip(*runs, strict=True))
            yield Ratio(
                f"load a model of {len(model.recordings):,} recordings, then {what}",
                "the same, by joblib.load of compress=3",
                ours,
                theirs,
                floor=30,
                goal=100,
                faster=True,
            )


def songs_like(model: Blend) -> object:
    """Return the nearest songs of one."""
    if model.graph is None:
        raise ValueError("the model has no graph of songs")
    return model.graph.nearest(int(model.graph.rows[0]))


def for_listener(model: Blend) -> object:
    """Return what is best for a listener."""
    seeds = model.recordings[:: len(model.recordings) // SEEDS][:SEEDS].astype(str)
    query = Query(model.rows(seeds.tolist()), np.ones(SEEDS, np.float32))
    return list(rank(model, [query], LENGTH, None, model.artists, model.discount))


# What is asked first, with its bounds: the second takes long beside loading, and is measured by the topic "models".
QUESTIONS = {
    "songs_like": "the songs most like one",
    "for_listener": f"the best {LENGTH} for a listener of {SEEDS} songs",
}


def opening_registered(_: str) -> Blend:
    """Open the registered model, as every command does."""
    return load_model(load_settings(), NAME).blend


def opening_compressed(path: str) -> Blend:
    """Open a compressed file."""
    model: Blend = joblib.load(path)
    return model


def seconds(opening: Callable[[str], Blend], path: str, question: Callable[[Blend], object]) -> float:
    """Return the processor's seconds from nothing to the answer."""
    began = cpu_seconds()
    question(opening(path))
    return cpu_seconds() - began


def _both(question: str, var: Path, compressed: Path) -> list[float]:
    """Return what both take, each in a process of its own."""
    code = "import sys; from benchmarks.loading import *; print(seconds({}, sys.argv[1], {}))"
    ways = ("opening_registered", "opening_compressed")
    commands = ([sys.executable, "-c", code.format(way, question), str(compressed)] for way in ways)
    surroundings = {**os.environ, "SEGUE_VAR": str(var)}
    return [
        float(subprocess.run(command, check=True, capture_output=True, text=True, env=surroundings).stdout)
        for command in commands
    ]


def _registered() -> tuple[Path, Blend] | None:
    settings = load_settings()
    try:
        return settings.var, load_model(settings, NAME).blend
    except SegueError as error:
        note(f"made up rather than registered: {error}")
        return None


def _made_up(folder: Path) -> tuple[Path, Blend]:
    """Register a model in `folder` as training does."""
    random = np.random.default_rng(0)
    model = made_up_hybrid(random, made_up_catalog(random))
    model = replace(model, graph=song_graph(model, np.arange(GRAPH_ROWS)))
    settings = load_settings().model_copy(update={"var": folder, "store": ""})
    open_registry(settings).save(NAME, model.save, {}, {})
    return folder, model
