"""The work of `segue evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segue.console import note
from segue.errors import InputError
from segue.groups import AUDIO_FEATURES
from segue.models.catalog import read_catalog
from segue.store import FeatureStore
from training_pipeline.evaluation.collections import Collection, read_collections, stored_collections
from training_pipeline.evaluation.comparison import Comparison, compare
from training_pipeline.evaluation.methods import BASELINES
from training_pipeline.evaluation.settings import SETTINGS, Protocol, Task
from training_pipeline.our_methods import our_method

COLUMNS = ("title", "artists", "genres", "artist_genres", "year", "popularity", "popularity_percentile")


@dataclass(frozen=True)
class Request:
    """What was asked for.

    Attributes
    ----------
    playlists : tuple of str
        Files or names of collections; empty for all in the store.
    setting : str
        One of the four, or ``"all"``.
    model : str
        Which of our models.
    most, folds, least
        As in `Protocol`.
    """

    playlists: tuple[str, ...] = ()
    setting: str = "all"
    model: str = "hybrid"
    most: int | None = None
    folds: int = 1
    least: int = 1


def evaluate_methods(store: FeatureStore, request: Request) -> list[Comparison]:
    """Compare our model with the baselines.

    Raises
    ------
    InputError
        If there is no such setting, model or collection, or no catalog, or too few playlists.
    """
    if request.setting not in (*SETTINGS, "all"):
        raise InputError(f"there is no setting {request.setting!r}: choose {', '.join(SETTINGS)} or all")
    methods = (*BASELINES, our_method(request.model))
    catalog = read_catalog(store, (*COLUMNS, *AUDIO_FEATURES))
    tested = read_collections(store, catalog, request.playlists)
    sources = list({one.name: one for one in [*stored_collections(store, catalog).values(), *tested]}.values())
    protocol = Protocol(catalog.recordings.index, request.folds, request.most, request.least)
    tasks = _tasks(protocol, request.setting, tested, sources)
    _check(tasks)
    note(f"Comparing {len(methods)} methods on {len({task.key for task in tasks})} sets of playlists")
    return compare(catalog.recordings, tasks, methods)


def _check(tasks: Sequence[Task]) -> None:
    for task in tasks:
        if task.setting == "transfer" and not task.training:
            raise InputError(
                f"nothing is left to learn from for {task.key}: every playlist of {task.learned_on!r} is much like one "
                f"of {task.collection!r}; choose other collections, or another setting"
            )


def _tasks(protocol: Protocol, setting: str, tested: Sequence[Collection], sources: Sequence[Collection]) -> list[Task]:
    if setting != "all":
        return protocol.tasks(setting, tested, sources)
    possible = [name for name in SETTINGS if name != "transfer" or len(sources) > 1]
    if len(possible) < len(SETTINGS):
        note("no transfer: there is a single collection of playlists, and nothing else to learn from")
    return [task for name in possible for task in protocol.tasks(name, tested, sources)]
