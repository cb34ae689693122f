"""Small catalogs for tests of models and recommendations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segue.groups import AUDIO_FEATURES, TRACKS
from segue.models.blend import Blend
from segue.models.catalog import Catalog, read_catalog
from segue.models.choice import fit_model
from segue.models.content import place_by_content
from segue.models.spaces.cosine import CosineSpace
from segue.registry import FolderRegistry
from segue.store import FeatureStore

RANGES = {"loudness": (-40, 0), "tempo": (60, 180), "duration_ms": (60_000, 400_000)}
CHOICES = {"key": range(12), "mode": (0, 1), "time_signature": (3, 4, 5)}


def track_id(number: int) -> str:
    """Return the id of a made-up track."""
    return f"{number:022d}"


def random_features(n: int, seed: int = 0) -> pd.DataFrame:
    """Return plausible audio features of `n` tracks."""
    generator = np.random.default_rng(seed)
    columns = {}
    for name in AUDIO_FEATURES:
        if name in CHOICES:
            columns[name] = generator.choice(list(CHOICES[name]), n).astype("float32")
        else:
            columns[name] = generator.uniform(*RANGES.get(name, (0.0, 1.0)), n).astype("float32")
    return pd.DataFrame(columns)


def made_up_tracks(n: int, seed: int = 0) -> pd.DataFrame:
    """Return `n` tracks, each a recording of its own, three by each artist."""
    numbers = range(n)
    frame = random_features(n, seed).assign(
        track_id=[track_id(number) for number in numbers],
        title=[f"Song {number}" for number in numbers],
        artists=[f"Artist {number // 3}" for number in numbers],
        genres=[("jazz", "rock")[number % 2] for number in numbers],
        popularity=[number % 101 for number in numbers],
        source="test",
    )
    frame["recording_id"] = frame["track_id"]
    return frame.reindex(columns=list(TRACKS.columns))


def train_small(tracks: pd.DataFrame, space: str = "audio") -> Blend:
    """Return a model of `tracks` without playlists."""
    recordings = tracks[tracks["track_id"] == tracks["recording_id"]].set_index("track_id").sort_index()
    return fit_model(space, place_by_content(recordings), [])


def vectors_of(model: Blend, space: str = "audio") -> NDArray[np.float32]:
    """Return the vectors of a space of `model` that has any."""
    placed = model.spaces[space]
    assert isinstance(placed, CosineSpace)
    return placed.vectors_


def store_and_train(store: FeatureStore, tracks: pd.DataFrame, space: str = "audio") -> tuple[Catalog, Blend]:
    """Put `tracks` into the store and a model of them into the registry of the test's `var` folder."""
    store.replace(TRACKS, tracks)
    model = train_small(tracks, space)
    FolderRegistry(Path("var/models")).save(space, model.save, {}, {})
    return read_catalog(store), model
