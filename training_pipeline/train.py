"""From the catalog to a registered model."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import pandas as pd

from segue.console import note
from segue.errors import InputError, ModelNotFoundError
from segue.groups import AUDIO_FEATURES, PLAYLIST_TRACKS
from segue.models.audio import AudioSpace
from segue.models.catalog import Catalog, catalog_hash, read_catalog
from segue.models.knn import PreferenceKNN
from segue.models.space_model import SpaceModel, train_space
from segue.registry import FolderRegistry, Model
from segue.runs import recorded_run
from segue.store import FeatureStore
from training_pipeline.holdout import split_playlists
from training_pipeline.measure import measure

SPACES = ("audio",)
LIBRARIES = ("segue", "scikit-learn", "numpy", "pandas", "faiss-cpu", "joblib")
MOST_PLAYLISTS = 500
GRAPH_NEIGHBORS = 100
# Measured on 2,032 public playlists: counting all seeds is as good as counting the nearest, and needs no search. A
# background much heavier than the seeds keeps faint matches with one favorite below good matches with many tracks:
# with preferences from 1 to 0.1 recall@100 is .0003 at 1, .0103 at 10, .0132 at 100, and no better beyond 1,000.
N_NEIGHBORS = None
BACKGROUND = 1000.0


@dataclass(frozen=True)
class Trained:
    """What came of a training.

    Attributes
    ----------
    model : Model
        As it is registered.
    is_new : bool
        Whether it was registered now, or stood already.
    """

    model: Model
    is_new: bool


def train_model(store: FeatureStore, registry: FolderRegistry, space: str, *, if_changed: bool = False) -> Trained:
    """Fit `space` to the catalog and register it as a new version.

    Parameters
    ----------
    store, registry
        Where the catalog is, and where the model goes.
    space : str
        One of `SPACES`.
    if_changed : bool
        Leave it if the latest version came from the same catalog, playlists and parameters, under the same versions of
        Segue and its libraries.

    Raises
    ------
    InputError
        If there is no such space, or no catalog, or one with fewer than two recordings.
    """
    if space not in SPACES:
        raise InputError(f"there is no space {space!r}: choose {', '.join(SPACES)}")
    catalog = read_catalog(store, AUDIO_FEATURES)
    if len(catalog.recordings) < 2:  # noqa: PLR2004 - one recording and another
        raise InputError("the catalog holds a single recording, which has no neighbors: run `segue features` with more")
    listed = store.read(PLAYLIST_TRACKS, ["playlist_id", "track_id"])
    schema = _schema(catalog, listed, space)
    latest = _latest(registry, space)
    if if_changed and latest is not None and latest.schema == schema:
        return Trained(latest, is_new=False)
    fingerprint = hashlib.sha256(json.dumps(schema, sort_keys=True).encode()).hexdigest()
    with recorded_run(store, "train", fingerprint) as report:
        note(f"Placing {len(catalog.recordings):,} recordings in the {space} space")
        model = train_space(
            catalog.recordings[list(AUDIO_FEATURES)],
            AudioSpace(),
            PreferenceKNN(n_neighbors=N_NEIGHBORS, background=BACKGROUND),
            GRAPH_NEIGHBORS,
        )
        metrics = measure(model, split_playlists(_playlist_rows(listed, catalog, model), MOST_PLAYLISTS))
        registered = registry.save(space, model.save, metrics, schema)
        report |= {"model": registered.label, "n_recordings": len(model.vectors), "metrics": metrics}
    return Trained(registered, is_new=True)


def _schema(catalog: Catalog, listed: pd.DataFrame, space: str) -> dict[str, Any]:
    return {
        "space": space,
        "catalog": catalog_hash(catalog),
        "playlists": hashlib.sha256(pd.util.hash_pandas_object(listed).to_numpy().tobytes()).hexdigest(),
        "n_recordings": len(catalog.recordings),
        "features": list(AUDIO_FEATURES),
        "parameters": {
            "n_neighbors": N_NEIGHBORS,
            "background": BACKGROUND,
            "graph_neighbors": GRAPH_NEIGHBORS,
        },
        "libraries": {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES},
    }


def _latest(registry: FolderRegistry, name: str) -> Model | None:
    try:
        return registry.load(name)
    except ModelNotFoundError:
        return None


def _playlist_rows(listed: pd.DataFrame, catalog: Catalog, model: SpaceModel) -> pd.Series:
    """Return the model's row of each track on a public playlist, indexed by playlist_id."""
    rows = model.rows(catalog.recordings_of(listed["track_id"]))
    return pd.Series(rows, index=pd.Index(listed["playlist_id"], name="playlist_id"))
