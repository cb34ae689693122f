"""The model card tells the truth of the version that it lies beside: of what it learned, and how it decides."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from catalogs import made_up_tracks, train_small
from islands import listed, some_playlists, two_islands

from segue.groups import PLAYLIST_TRACKS, TRACKS
from segue.models.choice import LEARNING, SPACES
from segue.models.second_stage import SecondStage
from segue.registry import FolderRegistry
from segue.store import FeatureStore
from training_pipeline.model_card import CARD, write_card
from training_pipeline.train import train_model

LEARNED = ("public playlists of mine", "Each row was learned anew", "the music that public playlists hold better")
UNCHANGED = ("Only the catalog: no playlist", "Playlists do not change this model")
IN_BRACKETS = "In brackets: what a version must reach"
HYBRID = train_small(made_up_tracks(30), "hybrid")
NONE, SOME = np.empty(0, np.float32), np.ones(24, np.float32)


def card_of(folder: Path, name: str = "hybrid", weights: list[np.ndarray] | None = None) -> str:
    """Return the card of a model of 30 tracks and 567 playlists, with these weights in its second stage."""
    second = None if weights is None else SecondStage(np.zeros((30, 2), np.float32), weights)
    schema = {"n_recordings": 30, "n_playlists": {"mine": 567}}
    write_card(folder, name, replace(HYBRID, second=second), {}, schema, promoted=True, reasons=())
    return (folder / CARD).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SPACES)
def test_what_playlists_do_not_change_has_not_learned_from_them(tmp_path: Path, name: str) -> None:
    """A space of the catalog alone says so; of the others the card lists what they learned from."""
    card = card_of(tmp_path, name)
    said, unsaid = (LEARNED, UNCHANGED) if name in LEARNING else (UNCHANGED, LEARNED)
    assert all(phrase in card for phrase in said)
    assert not any(phrase in card for phrase in unsaid)


@pytest.mark.parametrize(("source", "has_floors"), [("million-playlist", True), ("mine", False)])
def test_brackets_are_explained_where_there_are_some(
    store: FeatureStore, tmp_path: Path, source: str, has_floors: bool
) -> None:
    """A table without floors has none; and without playlists in the model, nothing is weighed as known."""
    store.replace(TRACKS, two_islands())
    store.replace(PLAYLIST_TRACKS, listed(source, some_playlists(100, 20, seed=1)))
    trained = train_model(store, FolderRegistry(tmp_path / "models"), "audio").model
    card = (trained.path / CARD).read_text(encoding="utf-8")
    assert f"| warm/{source} |" in card
    assert ("(at least 0.007)" in card, IN_BRACKETS in card) == (has_floors, has_floors)
    assert "*known*" not in card


def test_worlds_are_explained_where_there_are_two(tmp_path: Path) -> None:
    """Only where playlists know some recordings is one weighed as known."""
    two = replace(HYBRID, known=np.arange(30) < 10)
    write_card(tmp_path, "hybrid", two, {}, {}, promoted=True, reasons=())
    assert "weighed as *known*, any other as *unknown*" in (tmp_path / CARD).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (None, ""),
        ([NONE, NONE], ""),
        ([NONE, SOME], "24 weights for known recordings.\n"),
        ([SOME, SOME], "24 weights for unknown recordings and 24 weights for known recordings.\n"),
    ],
)
def test_a_second_stage_is_mentioned_where_there_is_one(
    tmp_path: Path, weights: list[np.ndarray] | None, said: str
) -> None:
    """With how many weights in which world; one that learned nothing is none."""
    card = card_of(tmp_path, weights=weights)
    assert ("A second stage orders the likeliest anew" in card) is bool(said)
    assert said in card
