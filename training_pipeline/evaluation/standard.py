"""What is measured at every training: all settings, on every collection in the store."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from segue.console import note
from training_pipeline.evaluation.collections import Collection
from training_pipeline.evaluation.comparison import compare
from training_pipeline.evaluation.methods import Method
from training_pipeline.evaluation.settings import FOLDS, SETTINGS, Protocol, Task
from training_pipeline.measure import Measured

# Fewer playlists than this say nothing about a model: an interval of recall would be as wide as recall itself.
LEAST = 10
MOST = 400


def measure_sets(
    method: Method, recordings: pd.DataFrame, collections: Iterable[Collection], most: int = MOST
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
    tasks = [task for task in tasks if len(task.tests) >= LEAST]
    if tasks:
        note(f"Measuring {method.name} on {len(tasks)} sets of playlists")
    return {found.key: found.measured[method.name] for found in compare(recordings, tasks, [method])}


def _tasks(protocol: Protocol, setting: str, collections: list[Collection]) -> list[Task]:
    if setting == "transfer" and len(collections) < 2:  # noqa: PLR2004 - one to learn on and one to test on
        return []
    return protocol.tasks(setting, collections, collections)
