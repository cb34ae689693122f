"""The map of the recordings: drawn in training, kept with the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from catalogs import made_up_tracks, train_small
from islands import ISLAND, two_islands
from sklearn.manifold import trustworthiness

from feature_pipeline.made_up import made_up_catalog
from segue.errors import RegistryError
from segue.groups import TRACKS
from segue.models.map import MAP, read_map, write_map
from segue.models.mapping import draw_map
from segue.models.songs import similarities
from segue.registry import FolderRegistry
from segue.store import FeatureStore
from training_pipeline.train import train_model

N = 200


def test_neighbors_on_the_map_are_neighbors_in_the_space() -> None:
    """Trustworthiness is 1 where all are, and one half where the map knows nothing."""
    model = train_small(made_up_catalog()[0], "hybrid")
    positions = draw_map(model)
    assert positions is not None
    distances = np.stack([1 - similarities(model, row) for row in range(len(positions))])
    np.fill_diagonal(distances, 0)
    distances = np.maximum(distances, 0)
    kept = trustworthiness(distances, positions.astype("float64"), n_neighbors=10, metric="precomputed")
    shuffled = np.random.default_rng(0).permutation(positions.astype("float64"))
    assert kept > 0.95
    assert trustworthiness(distances, shuffled, n_neighbors=10, metric="precomputed") < 0.55


def test_what_is_no_landmark_lands_among_its_neighbors(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a world of two islands a tenth of the recordings is enough to tell where the others are."""
    monkeypatch.setattr("segue.models.mapping.LANDMARKS", 24)
    positions = draw_map(train_small(two_islands(), "hybrid"))
    assert positions is not None
    north, south = positions[:ISLAND].astype("float64"), positions[ISLAND:].astype("float64")
    apart = np.linalg.norm(north.mean(axis=0) - south.mean(axis=0))
    assert apart > 2 * max(np.linalg.norm(island - island.mean(axis=0), axis=1).mean() for island in (north, south))


def test_the_map_is_the_same_each_time(tmp_path: Path) -> None:
    """To the last byte, and within the square from 0 to 1."""
    model, written = train_small(made_up_tracks(N), "hybrid"), []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        positions = draw_map(model)
        assert positions is not None
        write_map(tmp_path / name, positions)
        written.append((tmp_path / name / MAP).read_bytes())
    assert written[0] == written[1]
    positions = read_map(tmp_path / "one", len(model.recordings))
    assert positions is not None
    assert positions.dtype == np.float16
    assert positions.min() >= 0
    assert positions.max() <= 1


@pytest.mark.parametrize("space", ["tags", "audio"])
def test_recordings_that_are_all_alike_have_a_map(space: str) -> None:
    """Nothing tells them apart, and each is somewhere."""
    tracks = pd.concat([made_up_tracks(1)] * N, ignore_index=True)
    tracks["track_id"] = tracks["recording_id"] = made_up_tracks(N)["track_id"]
    positions = draw_map(train_small(tracks, space))
    assert positions is not None
    assert np.isfinite(positions).all()


@pytest.mark.parametrize(("space", "n"), [("era", N), ("popularity", N), ("audio", 20)])
def test_without_vectors_or_recordings_there_is_no_map(space: str, n: int) -> None:
    """Years and counts are no plane, and a few recordings no catalog."""
    assert draw_map(train_small(made_up_tracks(n), space)) is None


def test_training_registers_the_map_with_the_model(store: FeatureStore, tmp_path: Path) -> None:
    """One position for each recording, in the model's folder."""
    store.replace(TRACKS, made_up_tracks(N))
    trained = train_model(store, FolderRegistry(tmp_path / "models"), "audio")
    positions = read_map(trained.model.path, N)
    assert positions is not None
    assert positions.shape == (N, 2)


def test_a_model_from_before_there_were_maps_has_none(tmp_path: Path) -> None:
    """It serves without one."""
    assert read_map(tmp_path, N) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no array",
        np.zeros((N, 2), np.float16).tobytes(),
    ],
)
def test_a_damaged_map_is_one_clear_line(tmp_path: Path, content: bytes) -> None:
    """It says what to do."""
    (tmp_path / MAP).write_bytes(content)
    with pytest.raises(RegistryError, match="run `segue train`"):
        read_map(tmp_path, N)


@pytest.mark.parametrize(
    "positions",
    [
        np.zeros((N + 1, 2), np.float16),
        np.zeros((N, 3), np.float16),
        np.full((N, 2), np.nan, np.float16),
        np.full((N, 2), 7, np.float16),
        np.zeros((N, 2)),
        np.zeros((N, 2), object),
    ],
)
def test_a_map_of_another_model_is_refused(tmp_path: Path, positions: np.ndarray) -> None:
    """Marks would be anywhere."""
    np.save(tmp_path / MAP, positions)
    with pytest.raises(RegistryError, match="run `segue train`"):
        read_map(tmp_path, N)
