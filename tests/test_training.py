"""Training: from the catalog to a registered model, with what was measured."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from catalogs import made_up_tracks, track_id, train_small
from typer.testing import CliRunner

from segue.errors import InputError, RegistryError
from segue.groups import AUDIO_FEATURES, PLAYLIST_TRACKS, RUNS, TRACKS
from segue.models.space_model import SpaceModel
from segue.registry import FolderRegistry
from segue.store import FeatureStore
from training_pipeline import train
from training_pipeline.cli import program
from training_pipeline.holdout import split_playlists
from training_pipeline.measure import measure
from training_pipeline.metrics.ndcg import ndcg
from training_pipeline.metrics.r_precision import r_precision
from training_pipeline.metrics.recall import recall
from training_pipeline.train import train_model

RANKED = np.array([7, 1, 8, 2, 9])


def as_frame(playlists: dict[str, list[str]]) -> pd.DataFrame:
    """Return playlists as rows of their feature group."""
    rows = [
        {"playlist_id": name, "track_id": track, "position": position, "source": "test"}
        for name, tracks in playlists.items()
        for position, track in enumerate(tracks)
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def registry(tmp_path: Path) -> FolderRegistry:
    """Return an empty registry."""
    return FolderRegistry(tmp_path / "var" / "models")


def test_recall_by_hand() -> None:
    """Of 1, 2, 3 and 4, the first three places hold only 1."""
    assert recall(RANKED, np.array([1, 2, 3, 4]), at=3) == 0.25
    assert recall(RANKED, np.array([1, 2, 3, 4]), at=5) == 0.5


def test_r_precision_by_hand() -> None:
    """Two are hidden, so two places count: they hold 7 and 1."""
    assert r_precision(RANKED, np.array([1, 2])) == 0.5


def test_ndcg_by_hand() -> None:
    """Hits at places 2 and 4 of a list that could have had them at 1 and 2."""
    by_hand = (1 / np.log2(3) + 1 / np.log2(5)) / (1 / np.log2(2) + 1 / np.log2(3))
    assert ndcg(RANKED, np.array([1, 2]), at=5) == pytest.approx(by_hand)
    # More is hidden than the list can hold: two places, one of them a hit.
    assert ndcg(RANKED, np.array([1, 2, 3]), at=2) == pytest.approx((1 / np.log2(3)) / (1 + 1 / np.log2(3)))


def test_half_of_each_long_playlist_is_hidden() -> None:
    """Short ones are left out; unknown tracks and second copies do not count; what is hidden is no seed."""
    rows = pd.Series([*range(11), 3, -1, *range(9)], index=pd.Index(["long"] * 13 + ["short"] * 9, name="playlist_id"))
    (holdout,) = split_playlists(rows, most=10)
    assert len(holdout.seeds) == 5
    assert sorted([*holdout.seeds, *holdout.hidden]) == list(range(11))
    (again,) = split_playlists(rows, most=10)
    assert np.array_equal(again.seeds, holdout.seeds)


def test_tastes_that_lie_apart_are_found_again() -> None:
    """On two islands of taste, each playlist's hidden half comes before everything from the other island."""
    tracks = made_up_tracks(60)
    loud = np.arange(60) < 30
    tracks["energy"] = np.where(loud, 0.9, 0.1) + tracks["energy"] * 0.01
    tracks["acousticness"] = np.where(loud, 0.1, 0.9) + tracks["acousticness"] * 0.01
    for name in set(AUDIO_FEATURES) - {"energy", "acousticness"}:
        tracks[name] = tracks[name].mean()
    rows = pd.Series(range(60), index=pd.Index(np.where(loud, "loud", "quiet"), name="playlist_id"))
    metrics = measure(train_small(tracks), split_playlists(rows, most=2))
    assert metrics["r_precision"] == metrics["recall_at_100"] == 1
    assert metrics["ndcg_at_500"] == pytest.approx(1)
    assert metrics["playlists"] == 2


def test_a_model_is_registered_with_what_it_came_from(store: FeatureStore, registry: FolderRegistry) -> None:
    """One row for each recording; metrics, catalog hash, feature order, parameters and library versions beside it."""
    tracks = made_up_tracks(40)
    tracks.loc[5, "recording_id"] = track_id(4)
    store.replace(TRACKS, tracks)
    store.replace(PLAYLIST_TRACKS, as_frame({"a": [track_id(n) for n in range(20)]}))
    trained = train_model(store, registry, "audio")
    assert trained.is_new
    assert trained.model.label == "audio@1"
    assert set(trained.model.metrics) >= {"recall_at_100", "r_precision", "ndcg_at_500", "recall_at_100_interval"}
    assert trained.model.schema["n_recordings"] == 39
    assert trained.model.schema["features"] == list(AUDIO_FEATURES)
    assert trained.model.schema["libraries"]["scikit-learn"] == version("scikit-learn")
    model = SpaceModel.load(trained.model.path)
    assert track_id(5) not in model.track_ids
    assert model.rows([track_id(0), track_id(5), "nowhere"]).tolist() == [0, -1, -1]
    assert isinstance(model.vectors, np.memmap)


def test_seeds_and_hidden_tracks_are_recordings(store: FeatureStore, registry: FolderRegistry) -> None:
    """Ten ids of nine recordings are a playlist of nine, which is too short to measure."""
    tracks = made_up_tracks(12)
    tracks.loc[1, "recording_id"] = track_id(0)
    store.replace(TRACKS, tracks)
    store.replace(PLAYLIST_TRACKS, as_frame({"a": [track_id(n) for n in range(10)]}))
    assert "recall_at_100" not in train_model(store, registry, "audio").model.metrics


def test_training_again_makes_a_new_version_of_the_same_model(store: FeatureStore, registry: FolderRegistry) -> None:
    """The run is recorded each time; the arrays do not change."""
    store.replace(TRACKS, made_up_tracks(40))
    first, second = (train_model(store, registry, "audio").model for _ in range(2))
    assert (first.version, second.version) == (1, 2)
    for name in ("vectors.npy", "neighbor_indices.npy", "neighbor_similarities.npy", "recordings.npy"):
        assert (first.path / name).read_bytes() == (second.path / name).read_bytes()
    runs = store.read(RUNS, where={"pipeline": "train"})
    assert runs["status"].tolist() == ["done", "done"]
    assert len(set(runs["fingerprint"])) == 1


def test_only_a_changed_catalog_is_learned_again(store: FeatureStore, registry: FolderRegistry) -> None:
    """With if_changed the latest version stands until a feature of some recording differs."""
    tracks = made_up_tracks(40)
    store.replace(TRACKS, tracks)
    train_model(store, registry, "audio", if_changed=True)
    assert not train_model(store, registry, "audio", if_changed=True).is_new
    tracks.loc[0, "energy"] = 0.123
    store.replace(TRACKS, tracks)
    assert train_model(store, registry, "audio", if_changed=True).model.version == 2


def test_new_playlists_are_measured_with_again(store: FeatureStore, registry: FolderRegistry) -> None:
    """With if_changed, other playlists bring other metrics, and the same ones bring nothing new."""
    store.replace(TRACKS, made_up_tracks(40))
    train_model(store, registry, "audio", if_changed=True)
    store.replace(PLAYLIST_TRACKS, as_frame({"a": [track_id(n) for n in range(20)]}))
    trained = train_model(store, registry, "audio", if_changed=True)
    assert (trained.is_new, trained.model.metrics["playlists"]) == (True, 1)
    assert not train_model(store, registry, "audio", if_changed=True).is_new


def test_another_version_of_segue_learns_again(
    store: FeatureStore, registry: FolderRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may place tracks elsewhere."""
    store.replace(TRACKS, made_up_tracks(40))
    train_model(store, registry, "audio", if_changed=True)
    monkeypatch.setattr(train, "version", lambda name: "99" if name == "segue" else version(name))
    assert train_model(store, registry, "audio", if_changed=True).is_new


def test_what_cannot_be_trained_is_one_clear_line(store: FeatureStore, registry: FolderRegistry) -> None:
    """An unknown space, no catalog, a catalog of one."""
    with pytest.raises(InputError, match="no space 'taste': choose audio"):
        train_model(store, registry, "taste")
    with pytest.raises(InputError, match="no catalog yet: run `segue features`"):
        train_model(store, registry, "audio")
    store.replace(TRACKS, made_up_tracks(1))
    with pytest.raises(InputError, match="single recording"):
        train_model(store, registry, "audio")
    assert registry.names() == []


@pytest.mark.parametrize("name", ["vectors.npy", "neighbor_indices.npy", "recordings.npy", "estimator.joblib"])
def test_a_damaged_model_is_one_clear_line(tmp_path: Path, name: str) -> None:
    """A file that was cut short, wherever, or that holds noise: which folder, and how to get a new one."""
    train_small(made_up_tracks(30)).save(tmp_path)
    whole = (tmp_path / name).read_bytes()
    noise = np.random.default_rng(0)
    cuts = [whole[: len(whole) * percent // 100] for percent in range(0, 100, 5)]
    for damaged in [*cuts, *(noise.bytes(500) for _ in range(50))]:
        (tmp_path / name).write_bytes(damaged)
        with pytest.raises(RegistryError, match=r"cannot be used .*run `segue train`"):
            SpaceModel.load(tmp_path)


def test_a_model_of_other_features_is_one_clear_line(tmp_path: Path) -> None:
    """It would compare energy with loudness."""
    model = train_small(made_up_tracks(30))
    model.space.feature_names_in_ = model.space.feature_names_in_[::-1]
    model.save(tmp_path)
    with pytest.raises(RegistryError, match=r"other audio features than Segue does now: .*run `segue train`"):
        SpaceModel.load(tmp_path)


def test_the_command_says_what_it_measured(store: FeatureStore) -> None:
    """A table for people, JSON for machines, and plain words where nothing could be measured."""
    store.replace(TRACKS, made_up_tracks(40))
    shown = CliRunner().invoke(program, ["train"])
    assert shown.exit_code == 0
    assert "Model audio@1" in shown.stdout
    assert "nothing could be measured" in shown.stderr
    store.replace(PLAYLIST_TRACKS, as_frame({"a": [track_id(n) for n in range(20)]}))
    report = json.loads(CliRunner().invoke(program, ["train", "--json"]).stdout)
    assert report["model"] == "audio@2"
    assert report["metrics"]["recall_at_100"] == 1.0
    unchanged = json.loads(CliRunner().invoke(program, ["train", "--if-changed", "--json"]).stdout)
    assert (unchanged["model"], unchanged["is_new"]) == ("audio@2", False)


def test_real_playlists_are_found_better_than_by_chance(
    store: FeatureStore, registry: FolderRegistry, shared_data: Path
) -> None:
    """On a real collection of songs and playlists the audio space passes its floor: ten times what chance finds."""
    songs = pd.read_csv(shared_data / "tidytuesday_spotify_songs.csv", keep_default_na=False, dtype={"track_id": str})
    tracks = songs.drop_duplicates("track_id").rename(columns={"track_name": "title", "track_artist": "artists"})
    numeric = {name: pd.to_numeric(tracks[name], errors="coerce") for name in AUDIO_FEATURES if name in tracks}
    tracks = tracks.assign(**numeric).assign(recording_id=tracks["track_id"], source="test")
    tracks = tracks[tracks["tempo"] > 0].reindex(columns=list(TRACKS.columns))
    store.replace(TRACKS, tracks)
    listed = {name: ids.drop_duplicates().tolist() for name, ids in songs.groupby("playlist_id")["track_id"]}
    playlists = as_frame(listed)
    store.replace(PLAYLIST_TRACKS, playlists[playlists["track_id"].isin(tracks["track_id"])])
    metrics = train_model(store, registry, "audio").model.metrics
    chance = 100 / len(tracks)
    assert metrics["recall_at_100"] - metrics["recall_at_100_interval"] > 10 * chance
