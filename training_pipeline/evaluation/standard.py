"""What is measured at every training: all settings, on every collection in the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pandas as pd

from segue.console import note
from training_pipeline.evaluation.collections import Collection
from training_pipeline.evaluation.comparison import compare
from training_pipeline.evaluation.methods import Method
from training_pipeline.evaluation.settings import FOLDS, SETTINGS, Protocol, Task
from training_pipeline.holdout import Rows
from training_pipeline.measure import Measured, mean_and_interval

# Fewer playlists than this say nothing about a model: an interval of recall would be as wide as recall itself.
LEAST = 10
MOST = 400


def measure_sets(
    method: Method,
    recordings: pd.DataFrame,
    collections: Iterable[Collection],
    also: Sequence[Rows] = (),
    most: int = MOST,
) -> dict[str, Measured]:
    """Measure `method` in every setting that `collections` allow, on one fold of each.

    Parameters
    ----------
    method : Method
        Fitted anew for each set, so that no playlist is tested on that was learned from.
    recordings : DataFrame
        The catalog, indexed by track_id.
    collections : iterable of Collection
        Those with too few long playlists are left out.
    also : sequence of ndarray of int
        Rows to learn from beside each set's training playlists, and never to test on.
    most : int
        Test on a random sample of at most this many playlists of each set.

    Returns
    -------
    dict of str to Measured
        By set, such as ``"warm/tidytuesday"``.
    """
    usable = [one for one in collections if one.n_long >= LEAST * FOLDS]
    protocol = Protocol(recordings.index, most=most)
    tasks = [task for setting in SETTINGS for task in _tasks(protocol, setting, usable)]
    # What a transfer would learn from may be nothing but copies of what it is tested on.
    tasks = [task for task in tasks if len(task.tests) >= LEAST and (task.training or not task.learned_on)]
    tasks = [_learning(task, also) for task in tasks]
    if tasks:
        note(f"Measuring {method.name} on {len(tasks)} sets of playlists")
    if method.needs_playlists:
        tasks = [task for task in tasks if task.training]
    return {found.key: found.measured[method.name] for found in compare(recordings, tasks, [method], done=_tell)}


def _tell(task: Task, measured: Measured) -> None:
    """Say what was found on a set: without a terminal there is no progress bar, and all sets take minutes."""
    mean, interval = mean_and_interval(measured.results["recall_at_100"].to_numpy())
    note(f"  {task.key}: R@100 {mean:.4f} ±{interval:.4f} on {len(measured.results)} playlists")


def _tasks(protocol: Protocol, setting: str, collections: list[Collection]) -> list[Task]:
    if setting == "transfer" and len(collections) < 2:  # noqa: PLR2004 - one to learn on and one to test on
        return []
    return protocol.tasks(setting, collections, collections)


def _learning(task: Task, also: Sequence[Rows]) -> Task:
    """Return `task` with more to learn from; cold tracks stay cold, and what learns from nothing learns nothing."""
    if not task.learned_on:
        return task
    kept = also if task.candidates is None else [rows[~task.candidates[rows]] for rows in also]
    return replace(task, training=[*task.training, *kept])
