"""Comparing methods: every method meets the same playlists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from sklearn.preprocessing import normalize

from segue.groups import AUDIO_FEATURES
from segue.models.catalog_rows import CatalogRows
from training_pipeline.evaluation.blocks import audio
from training_pipeline.evaluation.methods import Method
from training_pipeline.evaluation.processes import how_many, in_processes
from training_pipeline.evaluation.settings import Task
from training_pipeline.measure import Facts, Measured, measure, together


@dataclass(frozen=True)
class Comparison:
    """Methods side by side on one set of playlists.

    Attributes
    ----------
    key : str
        The set, as `Task.key` names it.
    setting, collection, learned_on : str
        As in `Task`.
    measured : dict of str to Measured
        By the method's name; without those that are nothing without playlists where there are none.
    """

    key: str
    setting: str
    collection: str
    learned_on: str
    measured: dict[str, Measured]


def _say_nothing(task: Task, measured: Measured) -> None:
    """Let a measurement pass without a word."""


def compare(
    recordings: pd.DataFrame,
    tasks: Sequence[Task],
    methods: Sequence[Method],
    processes: int | None = None,
    done: Callable[[Task, Measured], None] = _say_nothing,
) -> list[Comparison]:
    """Fit and measure each of `methods` on each of `tasks`; the folds of a set are counted together.

    Parameters
    ----------
    recordings : DataFrame
        The catalog, indexed by track_id: the rows of the tasks are its rows.
    tasks : sequence of Task
    methods : sequence of Method
        With different names.
    processes : int, optional
        How many work at once; by default as many as are worth their while. It changes no figure.
    done : callable
        Is told of each task of each method once it has been measured.
    """
    jobs = [job for method in methods for job in _jobs(method, tasks)]
    facts = facts_of(recordings)
    calls = [partial(_measure, recordings, facts, method, [tasks[place] for place in own]) for method, own in jobs]
    results = in_processes(calls, "Comparing methods", processes or how_many(len(recordings)))
    found: dict[str, dict[str, list[Measured]]] = {task.key: {} for task in tasks}
    for (method, own), measured in zip(jobs, results, strict=True):
        for place, part in zip(own, measured, strict=True):
            found[tasks[place].key].setdefault(method.name, []).append(part)
            done(tasks[place], part)
    about = {task.key: task for task in tasks}
    return [
        Comparison(
            key,
            about[key].setting,
            about[key].collection,
            about[key].learned_on,
            {name: together(parts) for name, parts in by_method.items()},
        )
        for key, by_method in found.items()
    ]


def facts_of(recordings: pd.DataFrame) -> Facts:
    """Return what lists are described by."""
    return Facts(
        CatalogRows(recordings).first_artists,
        recordings["popularity_percentile"].to_numpy(dtype=np.float32, na_value=np.nan),
        np.asarray(normalize(audio(recordings, tuple(AUDIO_FEATURES))), dtype=np.float32),
    )


def _jobs(method: Method, tasks: Sequence[Task]) -> Iterator[tuple[Method, list[int]]]:
    """Yield the places of the tasks that one fit of the method serves."""
    learning = [place for place, task in enumerate(tasks) if task.training and method.learns]
    yield from ((method, [place]) for place in learning)
    # Without playlists to learn from, a method is the same for every task.
    others = [
        place
        for place, task in enumerate(tasks)
        if place not in learning and (task.training or not method.needs_playlists)
    ]
    if others:
        yield method, others


def _measure(recordings: pd.DataFrame, facts: Facts, method: Method, tasks: Sequence[Task]) -> list[Measured]:
    """Fit a method once, and measure it on each of `tasks`."""
    model = method.fit(recordings, tasks[0].training if method.learns else [])
    return [measure(model, task.tests, facts, task.candidates, model.discount) for task in tasks]
