"""How Segue is doing: what ran when, what there is, how good it is. Nothing here is about any one listener."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from segue.groups import SPOTIFY_CALLS, TRACKS
from segue.registry import open_registry
from segue.runs import Run, last_runs
from segue.spotify.budget import utc_day

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segue.registry.model import Model
    from segue.settings import Settings
    from segue.store import FeatureStore


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
    runs, registry = last_runs(store), open_registry(settings)
    return Status(
        runs=runs,
        sources=_sources(store, runs),
        models=tuple(registry.find(name) for name in registry.names()),
        calls=_calls(store, settings),
        daily_calls=settings.daily_calls,
    )


def _sources(store: FeatureStore, runs: tuple[Run, ...]) -> dict[str, int]:
    read = [run.report.get("tracks", {}) for run in runs if run.pipeline == "features"]
    titles = {source["name"]: source["title"] for tracks in read for source in tracks.get("sources", ())}
    counted = store.read(TRACKS, ["source"])["source"].value_counts()
    return {titles.get(source, str(source)): int(n) for source, n in counted.items()}


def _calls(store: FeatureStore, settings: Settings) -> int:
    today = {"day": utc_day(), "service": settings.spotify_service}
    return int(store.read(SPOTIFY_CALLS, ["calls"], today)["calls"].sum())
