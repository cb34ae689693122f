"""From the catalog and public playlists to a registered model."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from typing import Any

from segue.console import note
from segue.errors import InputError, ModelNotFoundError, UnusableModelError
from segue.groups import AUDIO_FEATURES
from segue.models.blend import LAYOUT, Blend
from segue.models.catalog import Catalog, catalog_hash, read_catalog
from segue.models.catalog_rows import COLUMNS
from segue.models.choice import LEARNING, check_space, fit_model, with_song_graph
from segue.models.content import place_by_content
from segue.models.spaces.colisten.neighbors import NeighborsSpace
from segue.registry import Model, ModelRegistry
from segue.runs import recorded_run, was_cut_short
from segue.store import FeatureStore
from training_pipeline.evaluation.collections import Collection, stored_collections
from training_pipeline.evaluation.standard import measure_sets
from training_pipeline.holdout import Rows
from training_pipeline.listeners import listener_histories
from training_pipeline.our_methods import our_method
from training_pipeline.promotion import Registered, Verdict, judge_again, register

LIBRARIES = ("segue", "scikit-learn", "scipy", "numpy", "pandas", "joblib")
READ = (*COLUMNS, "popularity_percentile", *AUDIO_FEATURES)
FEWEST_RECORDINGS = 2


@dataclass(frozen=True)
class Trained:
    """What came of a training.

    Attributes
    ----------
    model : Model
        As it is registered.
    is_new : bool
        Whether it was registered now, or stood already.
    verdict : Verdict, optional
        What the promotion gate said, where it judged: a new version, or one whose training was cut short.
    """

    model: Model
    is_new: bool
    verdict: Verdict | None = None


def train_model(
    store: FeatureStore,
    registry: ModelRegistry,
    space: str = "hybrid",
    *,
    if_changed: bool = False,
    learn_from: str | None = None,
) -> Trained:
    """Fit a model to the catalog and public playlists, and register it as a new version.

    Parameters
    ----------
    store, registry
        Where catalog and playlists are, and where the model goes.
    space : str
        One of `segue.models.choice.SPACES`.
    if_changed : bool
        Leave it if the latest version came from the same catalog, playlists and parameters, under the same versions of
        Segue and its libraries. If that run was cut short after it had registered the version, do what is left to do.
    learn_from : str, optional
        Learn from what the connected listeners of this service have been playing, too, if they are enough. By default
        nothing about any listener is read.

    Raises
    ------
    InputError
        If there is no such space, or no catalog, or one with fewer than two recordings, or no playlists where the
        space is learned from them.
    RegistryError
        If the registry cannot be reached; run again, the result is the same.
    """
    check_space(space)
    catalog = read_catalog(store, READ)
    if len(catalog.recordings) < FEWEST_RECORDINGS:
        raise InputError("the catalog holds a single recording, which has no neighbors: run `segue features` with more")
    found = list(stored_collections(store, catalog).values())
    histories: list[Rows] = []
    if learn_from is not None and space in LEARNING:
        histories = listener_histories(store, catalog, learn_from, datetime.now(timezone.utc))
    schema = _schema(catalog, found, histories, space)
    fingerprint = hashlib.sha256(json.dumps(schema, sort_keys=True).encode()).hexdigest()
    latest = _latest(registry, space) if if_changed else None
    there = latest if latest is not None and schema.items() <= latest.schema.items() else None
    if there is not None and not was_cut_short(store, "train", fingerprint):
        return Trained(there, is_new=False)
    with recorded_run(store, "train", fingerprint) as report:
        if there is None:
            registered = _train(registry, space, catalog, found, histories, schema)
        else:
            note(f"The training of {there.label} was cut short: judging it now")
            registered = judge_again(registry, there)
        _forget(registry, registered.model)
        report |= {
            "model": registered.model.label,
            "n_recordings": len(catalog.recordings),
            "n_listeners": len(histories),
            "metrics": dict(registered.model.metrics),
            "promoted": registered.verdict.promoted,
            "reasons": list(registered.verdict.reasons),
        }
    return Trained(registered.model, is_new=there is None, verdict=registered.verdict)


def _train(  # noqa: PLR0913, PLR0917 - all that a model is made of
    registry: ModelRegistry,
    space: str,
    catalog: Catalog,
    found: Sequence[Collection],
    histories: Sequence[Rows],
    schema: dict[str, Any],
) -> Registered:
    note(f"Placing {len(catalog.recordings):,} recordings")
    content = place_by_content(catalog.recordings)
    sets = measure_sets(our_method(space, content), catalog.recordings, found, histories)
    playlists = [rows for collection in found for rows in collection.playlists.values()] + [*histories]
    note(f"Fitting {space}" + (f" to {len(playlists):,} playlists" if space in LEARNING else ""))
    model = fit_model(space, content, playlists)
    note("Finding the nearest songs of those that are asked for most")
    whole = with_song_graph(model, content)
    note(f"Registering {space}")
    return register(registry, space, whole, sets, schema | _learned(model))


def _forget(registry: ModelRegistry, new: Model) -> None:
    """Delete all other versions that learned from listeners, but the best of each name: some may have left since."""
    for name in registry.names():
        for number in registry.versions(name):
            # A version that cannot be used is none that could be served.
            with suppress(ModelNotFoundError, UnusableModelError):
                old = registry.load(name, number)
                if old.label != new.label and number != registry.best(name) and old.schema.get("n_listeners"):
                    registry.remove(old)


def _schema(
    catalog: Catalog, collections: Sequence[Collection], histories: Sequence[Rows], space: str
) -> dict[str, Any]:
    schema = {
        "space": space,
        "catalog": catalog_hash(catalog),
        # Whatever learns from them or not: they are what every model is measured with.
        "playlists": _playlists_hash(collections),
        "n_recordings": len(catalog.recordings),
        "n_playlists": {collection.name: len(collection.playlists) for collection in collections},
        "n_listeners": len(histories),
        "features": list(AUDIO_FEATURES),
        "layout": LAYOUT,
        "libraries": {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES},
    }
    if histories:
        schema["listeners"] = hashlib.sha256(b"".join(_digest(rows) for rows in histories)).hexdigest()
    return schema


def _learned(model: Blend) -> dict[str, Any]:
    """Return what training chose for the spaces, as the card tells it."""
    space = model.spaces.get("neighbors")
    return {"neighbor_graph": space.get_params()} if isinstance(space, NeighborsSpace) else {}


def _playlists_hash(collections: Sequence[Collection]) -> str:
    digest = hashlib.sha256()
    for collection in sorted(collections, key=lambda one: one.name):
        for name in sorted(collection.playlists):
            # What a playlist belongs to decides what it is measured with.
            digest.update(f"{collection.name}\0{name}\0".encode() + _digest(collection.playlists[name]))
    return digest.hexdigest()


def _digest(rows: Rows) -> bytes:
    """Return what tells lists of rows apart, all of the same length so that they can be put one after another."""
    return hashlib.sha256(rows.tobytes()).digest()


def _latest(registry: ModelRegistry, name: str) -> Model | None:
    """Return the latest version; one that cannot be used is none, so that a new one can take its place."""
    try:
        return registry.load(name)
    except (ModelNotFoundError, UnusableModelError):
        return None
