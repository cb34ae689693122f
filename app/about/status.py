"""How Segue is doing: what ran when, what there is, how good it is. Nothing here is about any one listener."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from segue.groups import RUNS, SPOTIFY_CALLS, TRACKS
from segue.registry import open_registry
from segue.spotify.budget import utc_day

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from segue.registry.model import Model
    from segue.settings import Settings
    from segue.store import FeatureStore

PIPELINES = ("features", "train", "listens", "playlists")
"""In the order of a night."""


@dataclass(frozen=True)
class Run:
    """The last run of a pipeline.

    Attributes
    ----------
    pipeline : str
        One of `PIPELINES`.
    status : str
        ``"done"`` or ``"failed"``; a run that is still under way counts as failed until it is done.
    started_at : datetime
    seconds : float
        How long it took.
    report : dict
        Its counts, as the pipeline wrote them.
    """

    pipeline: str
    status: str
    started_at: datetime
    seconds: float
    report: Mapping[str, Any]


@dataclass(frozen=True)
class Status:
    """All of it.

    Attributes
    ----------
    runs : tuple of Run
        Those of the pipelines that have ever run.
    sources : dict of str to int
        Tracks of the catalog by the title of the dataset they are from, the largest first.
    models : tuple of Model
        The version of each name that recommends.
    calls : int
        Calls of Spotify's Web API that were made or set aside today (UTC).
    daily_calls : int
        How many are allowed.
    """

    runs: tuple[Run, ...]
    sources: Mapping[str, int]
    models: tuple[Model, ...]
    calls: int
    daily_calls: int


def read_status(store: FeatureStore, settings: Settings) -> Status:
    """Return the present status.

    Raises
    ------
    SegueError
        If the store or the registry cannot be read; that they are empty is no reason.
    """
    runs, registry = _last_runs(store), open_registry(settings)
    return Status(
        runs=runs,
        sources=_sources(store, runs),
        models=tuple(registry.find(name) for name in registry.names()),
        calls=_calls(store, settings),
        daily_calls=settings.daily_calls,
    )


def _last_runs(store: FeatureStore) -> tuple[Run, ...]:
    last = store.read(RUNS).sort_values("started_at").groupby("pipeline").tail(1)
    found = {row["pipeline"]: _run(row) for _, row in last.iterrows()}
    return tuple(found[name] for name in PIPELINES if name in found)


def _run(row: pd.Series) -> Run:
    seconds = (row["finished_at"] - row["started_at"]).total_seconds()
    return Run(str(row["pipeline"]), str(row["status"]), row["started_at"], seconds, json.loads(row["report"]))


def _sources(store: FeatureStore, runs: tuple[Run, ...]) -> dict[str, int]:
    read = [run.report.get("tracks", {}) for run in runs if run.pipeline == "features"]
    titles = {source["name"]: source["title"] for tracks in read for source in tracks.get("sources", ())}
    counted = store.read(TRACKS, ["source"])["source"].value_counts()
    return {titles.get(source, str(source)): int(n) for source, n in counted.items()}


def _calls(store: FeatureStore, settings: Settings) -> int:
    today = {"day": utc_day(), "service": settings.spotify_service}
    return int(store.read(SPOTIFY_CALLS, ["calls"], today)["calls"].sum())
