"""Training: from the catalog to a registered model, with what was measured."""

from __future__ import annotations

import json
import pickle
from contextlib import ExitStack
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from catalogs import made_up_tracks, track_id, train_small, vectors_of
from mapped import is_mapped
from typer.testing import CliRunner

from segue import locks
from segue.errors import InputError, RegistryError
from segue.groups import AUDIO_FEATURES, PLAYLIST_TRACKS, RUNS, TRACKS
from segue.models.blend import Blend
from segue.registry import FolderRegistry
from segue.settings import load_settings
from segue.store import FeatureStore
from training_pipeline import train
from training_pipeline.cli import program
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


def test_a_model_is_registered_with_what_it_came_from(store: FeatureStore, registry: FolderRegistry) -> None:
    """One row for each recording; catalog hash, feature order and library versions beside it."""
    tracks = made_up_tracks(40)
    tracks.loc[5, "recording_id"] = track_id(4)
    store.replace(TRACKS, tracks)
    store.replace(PLAYLIST_TRACKS, as_frame({"a": [track_id(n) for n in range(20)]}))
    trained = train_model(store, registry, "audio")
    assert trained.is_new
    assert trained.model.label == "audio@1"
    assert trained.model.schema["n_recordings"] == 39
    assert trained.model.schema["features"] == list(AUDIO_FEATURES)
    assert trained.model.schema["libraries"]["scikit-learn"] == version("scikit-learn")
    model = Blend.load(trained.model.path)
    assert track_id(5) not in model.track_ids
    assert model.rows([track_id(0), track_id(5), "nowhere"]).tolist() == [0, -1, -1]
    assert is_mapped(vectors_of(model))  # mapped into memory, not read


def test_training_again_makes_a_new_version_of_the_same_model(store: FeatureStore, registry: FolderRegistry) -> None:
    """The run is recorded each time; the arrays do not change."""
    store.replace(TRACKS, made_up_tracks(40))
    first, second = (train_model(store, registry, "audio").model for _ in range(2))
    assert (first.version, second.version) == (1, 2)
    assert (first.path / "model.pickle").read_bytes() == (second.path / "model.pickle").read_bytes()
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
    assert not train_model(store, registry, "audio", if_changed=True).model.metrics
    playlists = {str(place): [track_id((place + n) % 40) for n in range(20)] for place in range(100)}
    store.replace(PLAYLIST_TRACKS, as_frame(playlists))
    trained = train_model(store, registry, "audio", if_changed=True)
    assert trained.is_new
    assert "warm/test/recall_at_100" in trained.model.metrics
    assert not train_model(store, registry, "audio", if_changed=True).is_new


def test_a_playlist_that_moved_to_another_collection_is_a_change(store: FeatureStore, registry: FolderRegistry) -> None:
    """The same tracks under the same name are measured with others now."""
    store.replace(TRACKS, made_up_tracks(40))
    playlists = as_frame({str(place): [track_id(place + n) for n in range(12)] for place in range(4)})
    before, after = (playlists["source"].mask(playlists["playlist_id"] == name, "another") for name in ("2", "3"))
    store.replace(PLAYLIST_TRACKS, playlists.assign(source=before))
    train_model(store, registry, "audio", if_changed=True)
    assert not train_model(store, registry, "audio", if_changed=True).is_new
    store.replace(PLAYLIST_TRACKS, playlists.assign(source=after))
    assert train_model(store, registry, "audio", if_changed=True).is_new


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
    with pytest.raises(InputError, match="no space 'taste': choose hybrid, audio"):
        train_model(store, registry, "taste")
    with pytest.raises(InputError, match="no catalog yet: run `segue features`"):
        train_model(store, registry, "audio")
    store.replace(TRACKS, made_up_tracks(1))
    with pytest.raises(InputError, match="single recording"):
        train_model(store, registry, "audio")
    assert registry.names() == []


def test_a_damaged_model_is_one_clear_line(tmp_path: Path) -> None:
    """A file that was cut short, or that holds something else: which folder, and how to get a new one."""
    train_small(made_up_tracks(30)).save(tmp_path)
    whole = (tmp_path / "model.pickle").read_bytes()
    noise = np.random.default_rng(0)
    cuts = [whole[: len(whole) * percent // 100] for percent in range(0, 100, 5)]
    for damaged in [*cuts, *(noise.bytes(500) for _ in range(50)), pickle.dumps("no model")]:
        (tmp_path / "model.pickle").write_bytes(damaged)
        with pytest.raises(RegistryError, match=r"cannot be used .*run `segue train`"):
            Blend.load(tmp_path)


def test_a_model_of_other_features_is_one_clear_line(tmp_path: Path) -> None:
    """It would compare energy with loudness."""
    model = train_small(made_up_tracks(30))
    replace(model, features=model.features[::-1]).save(tmp_path)
    with pytest.raises(RegistryError, match=r"other audio features than Segue does now: .*run `segue train`"):
        Blend.load(tmp_path)


def test_a_model_saved_by_another_version_of_segue_is_one_clear_line(tmp_path: Path) -> None:
    """It is made of other parts: what is missing would be found in the middle of the night."""
    replace(train_small(made_up_tracks(30)), layout=1).save(tmp_path)
    with pytest.raises(RegistryError, match=r"another version of Segue.*run `segue train`"):
        Blend.load(tmp_path)


def test_a_damaged_latest_version_does_not_stop_training(store: FeatureStore, registry: FolderRegistry) -> None:
    """It is as if there were none: a new version takes its place."""
    store.replace(TRACKS, made_up_tracks(40))
    damaged = train_model(store, registry, "audio", if_changed=True).model
    (damaged.path / "model.json").write_text("{")
    assert train_model(store, registry, "audio", if_changed=True).model.version == 2


def test_two_trainings_take_turns(store: FeatureStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second says whom it waits for, and trains once the first is done."""
    store.replace(TRACKS, made_up_tracks(40))
    said: list[str] = []

    def done(line: str) -> None:
        said.append(line)
        first.close()

    monkeypatch.setattr(locks, "note", done)
    with ExitStack() as first:
        first.enter_context(locks.alone(load_settings(), "train"))
        shown = CliRunner().invoke(program, ["train", "--space", "audio", "--json"])
    assert said == ["another program is training: waiting for it"]
    assert json.loads(shown.stdout)["model"] == "audio@1"


def test_the_command_says_what_it_measured(store: FeatureStore) -> None:
    """Plain words where nothing could be measured, and JSON for machines."""
    store.replace(TRACKS, made_up_tracks(40))
    shown = CliRunner().invoke(program, ["train"])
    assert shown.exit_code == 0
    assert "hybrid@1: 40 recordings" in shown.stderr
    assert "nothing was measured" in shown.stderr
    report = json.loads(CliRunner().invoke(program, ["train", "--space", "audio", "--json"]).stdout)
    assert (report["model"], report["is_new"]) == ("audio@1", True)
    unchanged = json.loads(CliRunner().invoke(program, ["train", "--if-changed", "--json"]).stdout)
    assert (unchanged["model"], unchanged["is_new"]) == ("hybrid@1", False)


def test_the_command_says_what_it_is_doing(store: FeatureStore) -> None:
    """A line for each step, and for each set as it is measured: of notes on standard error, JSON holds none."""
    store.replace(TRACKS, made_up_tracks(40))
    playlists = {str(place): [track_id((place + n) % 40) for n in range(20)] for place in range(100)}
    store.replace(PLAYLIST_TRACKS, as_frame(playlists))
    shown = CliRunner().invoke(program, ["train", "--space", "audio", "--json"])
    report = json.loads(shown.stdout)["metrics"]
    sets = [
        f"  {key}: R@100 {report[f'{key}/recall_at_100']:.4f} ±{report[f'{key}/recall_at_100_interval']:.4f}"
        f" on {report[f'{key}/playlists']:.0f} playlists"
        for key in ("warm/test", "cold/test", "none/test")
    ]
    assert shown.stderr.splitlines() == [
        "Placing 40 recordings",
        "Measuring audio on 3 sets of playlists",
        *sets,
        "Fitting audio to 100 playlists",
        "Finding the nearest songs of those that are asked for most",
        "Registering audio",
        "Drawing the map",
    ]


def test_new_playlists_are_learned_by_what_learns_from_them(store: FeatureStore, registry: FolderRegistry) -> None:
    """The hybrid is trained again; without any playlist, what is made of nothing else cannot be."""
    store.replace(TRACKS, made_up_tracks(40))
    train_model(store, registry, "hybrid")
    store.replace(PLAYLIST_TRACKS, as_frame({"a": [track_id(n) for n in range(20)]}))
    assert train_model(store, registry, "hybrid", if_changed=True).is_new
    store.replace(PLAYLIST_TRACKS, as_frame({"a": [track_id(0)]}).iloc[:0])
    with pytest.raises(InputError, match="colisten is learned from public playlists"):
        train_model(store, registry, "colisten")


def test_real_playlists_are_found_better_than_by_chance(
    store: FeatureStore, registry: FolderRegistry, shared_data: Path
) -> None:
    """On a real collection of songs and playlists the audio space finds five times what chance does."""
    songs = pd.read_csv(shared_data / "tidytuesday_spotify_songs.csv", keep_default_na=False, dtype={"track_id": str})
    tracks = songs.drop_duplicates("track_id").rename(columns={"track_name": "title", "track_artist": "artists"})
    numeric = {name: pd.to_numeric(tracks[name], errors="coerce") for name in AUDIO_FEATURES if name in tracks}
    tracks = tracks.assign(**numeric).assign(recording_id=tracks["track_id"], source="test")
    tracks = tracks[tracks["tempo"] > 0].reindex(columns=list(TRACKS.columns))
    store.replace(TRACKS, tracks)
    listed = {str(name): ids.drop_duplicates().tolist() for name, ids in songs.groupby("playlist_id")["track_id"]}
    playlists = as_frame(listed)
    store.replace(PLAYLIST_TRACKS, playlists[playlists["track_id"].isin(tracks["track_id"])])
    metrics = train_model(store, registry, "audio").model.metrics
    chance = 100 / len(tracks)
    found = "warm/test/recall_at_100"
    assert metrics[found] - metrics[f"{found}_interval"] > 5 * chance
