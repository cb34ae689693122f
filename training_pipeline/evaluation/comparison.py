"""Comparing methods: every method meets the same playlists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.preprocessing import normalize

from segue.console import track_progress
from segue.groups import AUDIO_FEATURES
from segue.models.catalog_rows import CatalogRows
from training_pipeline.evaluation.blocks import audio
from training_pipeline.evaluation.methods import Method, Served
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


def compare(recordings: pd.DataFrame, tasks: Sequence[Task], methods: Sequence[Method]) -> list[Comparison]:
    """Fit and measure each of `methods` on each of `tasks`; the folds of a set are counted together.

    Parameters
    ----------
    recordings : DataFrame
        The catalog, indexed by track_id: the rows of the tasks are its rows.
    tasks : sequence of Task
    methods : sequence of Method
        With different names.
    """
    facts = facts_of(recordings)
    found: dict[str, dict[str, list[Measured]]] = {task.key: {} for task in tasks}
    pairs = [(method, task) for method in methods for task in tasks if task.training or not method.needs_playlists]
    for method, task, model in _fitted(recordings, pairs):
        measured = measure(model, task.tests, facts, task.candidates, model.discount)
        found[task.key].setdefault(method.name, []).append(measured)
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


def _fitted(recordings: pd.DataFrame, pairs: Sequence[tuple[Method, Task]]) -> Iterator[tuple[Method, Task, Served]]:
    last: tuple[str, Served] | None = None
    for method, task in track_progress(pairs, "Comparing methods", len(pairs)):
        if method.learns and task.training:
            yield method, task, method.fit(recordings, task.training)
            continue
        # Without playlists to learn from, a method is the same for every task.
        if last is None or last[0] != method.name:
            last = (method.name, method.fit(recordings, []))
        yield method, task, last[1]
