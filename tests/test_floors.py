"""The floors of quality, on real playlists and the whole catalog: everything is fitted as it is in training.

Only the test playlists are a sample. A smaller catalog would make every floor easier to reach. One fit is tested warm
and in transfer, on four fifths of a collection, so that the transfer is a little harder than in `segue evaluate`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from feature_pipeline.features import build_features
from feature_pipeline.inputs import Request
from segue.groups import AUDIO_FEATURES
from segue.models.blend import Blend
from segue.models.catalog import read_catalog
from segue.models.catalog_rows import COLUMNS
from segue.models.content import Content, place_by_content
from segue.models.ranking import rank
from segue.models.recommender import Query
from segue.settings import Settings
from segue.store import open_store
from training_pipeline.evaluation.collections import Collection, stored_collections
from training_pipeline.evaluation.comparison import facts_of
from training_pipeline.evaluation.methods import BASELINES, Served
from training_pipeline.evaluation.settings import Protocol, Task, unlike
from training_pipeline.floors import FLOORS, missed
from training_pipeline.holdout import Holdout
from training_pipeline.measure import Facts, Measured, measure
from training_pipeline.our_methods import our_method

MPD, TIDY = "playlists_mpd_train", "tidytuesday"
MOST = 100
"""Test playlists of each set."""
SETS = {f"none/{MPD}", f"none/{TIDY}", f"warm/{MPD}", f"transfer/{MPD}→{TIDY}", f"cold/{MPD}"}
OF_CONTENT = {"genre + audio + year", "same artist, then popularity", "content by hand"}
FITTED = "content, weights fitted"
OF_PLAYLISTS = {FITTED, "item co-occurrence, BM25", "ALS, 32 factors, fold-in", "linear blend of all blocks"}
RIVALS = {"none": OF_CONTENT, "warm": OF_CONTENT | OF_PLAYLISTS, "cold": OF_CONTENT | {FITTED}}
"""The baselines that can be the best other method, by how they are fitted: transfer is tested with what is warm."""
OF_BEST_OTHER = 0.95
MOST_LOST_TO_SPREAD = 0.05
LISTENERS, SECONDS = 100, 2 * 2.0
"""A tenth of 1,000 listeners in 20 seconds on two cores; counted in CPU time, for other tests run meanwhile."""


@dataclass(frozen=True)
class World:
    """All shared data, ingested, and placed once for all models."""

    recordings: pd.DataFrame
    collections: dict[str, Collection]
    content: Content
    facts: Facts

    def tasks(self) -> list[list[Task]]:
        """Return the sets, in groups that learn from the same playlists."""
        n, mpd, tidy = len(self.recordings), self.collections[MPD], self.collections[TIDY]
        protocol = Protocol(self.recordings.index, most=MOST)
        (warm,), (cold,) = (protocol.tasks(setting, [mpd], []) for setting in ("warm", "cold"))
        (transfer,) = protocol.tasks("transfer", [tidy], [mpd])
        training = unlike(warm.training, list(tidy.playlists.values()), n)
        one_fit = [replace(task, training=training) for task in (warm, transfer)]
        return [protocol.tasks("none", [mpd, tidy], []), one_fit, [cold]]

    def fit(self, names: set[str], task: Task) -> dict[str, Served]:
        """Fit baselines to what `task` learns from."""
        return {one.name: one.fit(self.recordings, task.training) for one in BASELINES if one.name in names}

    def measure(self, model: Served, task: Task, discount: float | None = None) -> Measured:
        """Measure `model` on `task`, as it is served or with another artist discount."""
        spread = model.discount if discount is None else discount
        return measure(model, task.tests, self.facts, task.candidates, spread)


@pytest.fixture(scope="module")
def world(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Build the catalog and place it."""
    settings = Settings(SEGUE_VAR=tmp_path_factory.mktemp("real"))  # type: ignore[call-arg] # the alias
    store = open_store(settings.store_url)
    build_features(store, settings, Request(shared_data))
    catalog = read_catalog(store, (*COLUMNS, "popularity_percentile", *AUDIO_FEATURES))
    recordings = catalog.recordings
    return World(recordings, stored_collections(store, catalog), place_by_content(recordings), facts_of(recordings))


def test_every_floor_holds(world: World) -> None:
    """One model on every set: above the floors, near or above the best other method, diverse, and fast.

    All in one test: what is asked of the same fits should not fit them anew in another process.
    """
    below: list[str] = []
    groups = world.tasks()
    assert {task.key for tasks in groups for task in tasks} == SETS
    of_content = world.fit(OF_CONTENT, groups[0][0])
    for tasks in groups:
        hybrid = our_method("hybrid", world.content).fit(world.recordings, tasks[0].training)
        rivals = of_content | world.fit(RIVALS[tasks[0].setting] - OF_CONTENT, tasks[0])
        for task in tasks:
            ours = world.measure(hybrid, task)
            assert all(floor.metric in ours.results for floor in FLOORS)
            below += missed("hybrid", {task.key: ours})
            below += outdone(task, ours, {name: world.measure(rival, task) for name, rival in rivals.items()})
            if task.setting == "warm":
                audio = our_method("audio", world.content).fit(world.recordings, task.training)
                below += missed("audio", {task.key: world.measure(audio, task)})
                below += spread_costs(world, hybrid, task, ours) + slow(hybrid, task.tests)
    assert below == []


def outdone(task: Task, ours: Measured, rivals: Mapping[str, Measured]) -> list[str]:
    """Return a line if the best other method finds more than it may."""
    found = {name: recall(measured) for name, measured in rivals.items()}
    best = max(found, key=lambda name: found[name])
    if recall(ours) >= OF_BEST_OTHER * found[best]:
        return []
    return [f"{task.key}: the hybrid finds {recall(ours):.4f}, {best} {found[best]:.4f}"]


def recall(measured: Measured) -> float:
    """Return the mean recall@100."""
    return measured.summary()["recall_at_100"]


def spread_costs(world: World, hybrid: Served, task: Task, ours: Measured) -> list[str]:
    """Return a line if spreading lists over artists loses too much."""
    most = recall(world.measure(hybrid, task, discount=0.0))
    if recall(ours) >= (1 - MOST_LOST_TO_SPREAD) * most:
        return []
    return [f"the artist discount leaves {recall(ours):.4f} of {most:.4f}"]


def slow(hybrid: Served, tests: Sequence[Holdout]) -> list[str]:
    """Return a line if ranking takes too much CPU time."""
    assert isinstance(hybrid, Blend)
    seeds = [tests[number % len(tests)].seeds for number in range(LISTENERS)]
    queries = [Query(rows, np.ones(len(rows), np.float32)) for rows in seeds]
    start = time.process_time()
    lists = list(rank(hybrid, queries, 100, first_artists=hybrid.artists, discount=hybrid.discount))
    took = time.process_time() - start
    assert [len(ranking.rows) for ranking in lists] == [100] * LISTENERS
    return [] if took <= SECONDS else [f"{LISTENERS} listeners take {took:.1f} s of CPU time, not {SECONDS:.0f}"]
