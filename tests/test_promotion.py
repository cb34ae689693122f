"""The promotion gate: what becomes the best version, and what does not."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from islands import listed, some_playlists, two_islands

from segue.groups import AUDIO_FEATURES, PLAYLIST_TRACKS, RUNS, TRACKS
from segue.registry import FolderRegistry
from segue.store import FeatureStore
from training_pipeline.floors import FLOORS, missed
from training_pipeline.measure import Measured
from training_pipeline.promotion import RESULTS, Registered, read_results, register
from training_pipeline.train import train_model

N = 200


@pytest.fixture
def registry(tmp_path: Path) -> FolderRegistry:
    """Return an empty registry."""
    return FolderRegistry(tmp_path / "models")


def measured(recall: float, noise: float = 0.0, n: int = N, seed: int = 0) -> Measured:
    """Return measurements of `n` playlists with this mean recall, and as much noise."""
    generator = np.random.default_rng(seed)
    found = np.clip(recall + generator.uniform(-0.1, 0.1, n), 0, 1)
    own = np.random.default_rng(seed + 100).normal(0, noise, n) if noise else np.zeros(n)
    found = np.clip(found + own - own.mean(), 0, 1)
    results = {
        "recall_at_100": found,
        "ndcg_at_500": found,
        "clicks": 10 * (1 - found),
        "r_precision": found,
        "artists_at_100": np.full(n, 50.0),
        "popularity_at_100": np.full(n, 0.5),
    }
    return Measured(pd.DataFrame(results, index=pd.Index([f"p{row}" for row in range(n)], name="playlist_id")), 0.1)


def write(folder: Path) -> None:
    """Write a model of one file."""
    (folder / "weights.txt").write_text("1.0")


def train(registry: FolderRegistry, sets: dict[str, Measured], name: str = "hybrid") -> Registered:
    """Register a version that measured like this."""
    return register(registry, name, write, sets, {"space": name, "n_recordings": 1234})


def test_the_first_version_that_passes_is_the_best(registry: FolderRegistry) -> None:
    """With its results beside it, playlist by playlist."""
    first = train(registry, {"warm/mine": measured(0.4)})
    assert first.verdict.promoted
    assert registry.load("hybrid", "best") == first.model
    stored = read_results(first.model)
    assert stored["playlist_id"].tolist() == [f"p{row}" for row in range(N)]
    assert set(stored["set"]) == {"warm/mine"}
    assert first.model.metrics["warm/mine/recall_at_100"] == pytest.approx(0.4, abs=0.01)


def test_a_better_version_takes_its_place(registry: FolderRegistry) -> None:
    """And one that is as good, too: it knows more recent playlists."""
    train(registry, {"warm/mine": measured(0.4)})
    assert train(registry, {"warm/mine": measured(0.5)}).verdict.promoted
    assert train(registry, {"warm/mine": measured(0.5)}).verdict.promoted
    assert registry.best("hybrid") == 3


def test_a_worse_version_is_registered_and_not_promoted(registry: FolderRegistry) -> None:
    """The run says on which set, by how much, and against which version; the old one stays."""
    train(registry, {"warm/mine": measured(0.5), "none/mine": measured(0.2)})
    worse = train(registry, {"warm/mine": measured(0.6), "none/mine": measured(0.18)})
    assert not worse.verdict.promoted
    assert [reason.partition(" is ")[0] for reason in worse.verdict.reasons] == [
        "none/mine: recall_at_100",
        "none/mine: ndcg_at_500",
        "none/mine: clicks",
    ]
    assert "0.0200 ±0.0000 worse on 200 playlists, beyond noise, than hybrid@1" in worse.verdict.reasons[0]
    assert (registry.best("hybrid"), registry.versions("hybrid")) == (1, [1, 2])


def test_noise_is_no_reason(registry: FolderRegistry) -> None:
    """A small loss that differs from playlist to playlist might be chance; the same loss on every one is not."""
    train(registry, {"warm/mine": measured(0.5)})
    noisy = measured(0.5, noise=0.1)
    noisy.results["recall_at_100"] -= 0.005
    noisy.results["ndcg_at_500"] -= 0.005
    assert train(registry, {"warm/mine": noisy}).verdict.promoted
    registry.promote(registry.load("hybrid", 1))
    assert not train(registry, {"warm/mine": measured(0.495)}).verdict.promoted


def test_only_playlists_that_both_met_are_compared(registry: FolderRegistry) -> None:
    """New playlists may be harder than the old ones: that is no fault of the version."""
    train(registry, {"warm/mine": measured(0.5)})
    easier = measured(0.5)
    harder = Measured(easier.results.rename(index=lambda name: f"new {name}") * 0.1, 0.1)
    both = Measured(pd.concat([easier.results, harder.results]), 0.1)
    assert train(registry, {"warm/mine": both}).verdict.promoted


def test_a_version_below_a_floor_is_never_the_best(registry: FolderRegistry) -> None:
    """Not even the first; a floor holds for its own space and collections alone."""
    low = {"warm/million-playlist": measured(0.2), "transfer/million-playlist→tidytuesday": measured(0.15)}
    found = train(registry, low)
    assert not found.verdict.promoted
    assert "warm/million-playlist: recall_at_100 is 0.2" in found.verdict.reasons[0]
    assert any("clicks" in reason and "above the most allowed 1.6" in reason for reason in found.verdict.reasons)
    assert any(reason.startswith("transfer/million-playlist→tidytuesday") for reason in found.verdict.reasons)
    assert registry.best("hybrid") is None
    assert train(registry, {"warm/mine": measured(0.2)}).verdict.promoted
    assert train(registry, low, name="audio").verdict.promoted


@pytest.mark.parametrize("floor", FLOORS, ids=lambda floor: f"{floor.space} {floor.setting} {floor.metric}")
def test_each_floor_tells_just_below_from_just_above(floor: object) -> None:
    """A mean on the right side passes, one on the wrong side does not."""
    for factor, passes in ((1.01, not floor.at_most), (0.99, floor.at_most)):  # type: ignore[attr-defined]
        reached = measured(0.9)
        reached.results["clicks"] = 0.0
        reached.results[floor.metric] = floor.bound * factor  # type: ignore[attr-defined]
        key = f"{floor.setting}/{floor.collections[0]}"  # type: ignore[attr-defined]
        assert (missed(floor.space, {key: reached}) == []) is passes  # type: ignore[attr-defined]


def test_where_nothing_could_be_measured_there_is_still_a_best(registry: FolderRegistry) -> None:
    """A catalog without playlists has no figures to be worse by."""
    assert train(registry, {}).verdict.promoted
    assert train(registry, {}).verdict.promoted
    assert registry.best("hybrid") == 2


def test_a_version_from_before_the_gate_can_be_replaced(registry: FolderRegistry) -> None:
    """It has no results to compare with."""
    registry.promote(registry.save("hybrid", write, {}, {}))
    assert train(registry, {"warm/mine": measured(0.4)}).verdict.promoted


def test_a_bad_night_changes_nothing_for_listeners(store: FeatureStore, registry: FolderRegistry) -> None:
    """Training on a catalog whose features were mixed up is registered, and says why it is not served."""
    tracks = two_islands()
    store.replace(TRACKS, tracks)
    store.replace(PLAYLIST_TRACKS, listed("mine", some_playlists(200, 20, seed=1)))
    first = train_model(store, registry, "audio")
    assert first.verdict is not None
    assert first.verdict.promoted
    assert first.model.metrics["warm/mine/playlists"] > 20
    mixed = np.random.default_rng(0).permutation(len(tracks))
    store.replace(TRACKS, tracks.assign(**{name: tracks[name].to_numpy()[mixed] for name in AUDIO_FEATURES}))
    second = train_model(store, registry, "audio")
    assert second.verdict is not None
    assert not second.verdict.promoted
    assert second.verdict.reasons[0].startswith("warm/mine: ")
    assert registry.find("audio") == first.model
    assert registry.load("audio", "latest") == second.model
    runs = store.read(RUNS, where={"pipeline": "train"}).sort_values("finished_at")
    assert [json.loads(report)["promoted"] for report in runs["report"]] == [True, False]


def test_every_version_has_a_card_with_plots(registry: FolderRegistry) -> None:
    """In its own folder: what it is, what it measured, whether it was promoted, and pictures that can be drawn."""
    train(registry, {"warm/mine": measured(0.5)})
    model = train(registry, {"warm/mine": measured(0.3)}).model
    card = (model.path / "README.md").read_text(encoding="utf-8")
    assert card.startswith("# Model card: hybrid\n")
    assert "It did not become the best version:" in card
    assert "| warm/mine | 200 | 0.3" in card
    assert "n recordings: 1,234" in card
    for picture in ("recall.svg", "spread.svg"):
        assert f"]({picture})" in card
        ET.parse(model.path / picture)  # noqa: S314 - Segue has just written it
    assert (model.path / RESULTS).exists()
    bare = train(registry, {}, name="audio").model
    assert "too few public playlists" in (bare.path / "README.md").read_text(encoding="utf-8")
