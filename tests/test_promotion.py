"""The promotion gate: what becomes the best version, and what does not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
import typer
from catalogs import made_up_tracks, train_small
from islands import listed, some_playlists, two_islands

from segue.errors import SegueError
from segue.groups import AUDIO_FEATURES, PLAYLIST_TRACKS, RUNS, TRACKS
from segue.registry import FolderRegistry
from segue.store import FeatureStore
from training_pipeline.comparing import worse
from training_pipeline.floors import FLOORS, missed
from training_pipeline.measure import Measured
from training_pipeline.promote_cli import promote
from training_pipeline.promotion import Registered, judge_again, register
from training_pipeline.results import RESULTS, read_results, results_of
from training_pipeline.train import train_model

N = 200
FOUND = ["set", "playlist_id", "recall_at_10"]
FITTED = train_small(made_up_tracks(30), "hybrid")


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


def train(registry: FolderRegistry, sets: dict[str, Measured], name: str = "hybrid", **about: object) -> Registered:
    """Register a version that measured like this."""
    schema = {"n_recordings": 1234, "n_playlists": {"mine": 567}, "catalog": "c0ffee" * 10, **about}
    return register(registry, name, FITTED, sets, schema)


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
    assert "0.0200 worse on 200 playlists, beyond noise (±0.0000), than hybrid@1" in worse.verdict.reasons[0]
    assert (registry.best("hybrid"), registry.versions("hybrid")) == (1, [1, 2])


def test_what_is_judged_again_is_judged_the_same(registry: FolderRegistry) -> None:
    """From what was stored beside the version: the floors it misses, and what it is worse than."""
    floor = "transfer/mine→tidytuesday"
    train(registry, {floor: measured(0.5), "warm/mine": measured(0.5)})
    worse = train(registry, {floor: measured(0.15), "warm/mine": measured(0.5)})
    assert any("below the floor" in reason for reason in worse.verdict.reasons)
    assert any(reason.endswith("than hybrid@1") for reason in worse.verdict.reasons)
    assert judge_again(registry, worse.model) == worse
    better = train(registry, {"warm/mine": measured(0.5)}, name="genre")
    (registry.root / "genre" / "best").unlink()
    assert judge_again(registry, better.model) == better
    assert registry.best("genre") == 1


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
    registry.promote(registry.save("hybrid", FITTED.save, {}, {}))
    assert train(registry, {"warm/mine": measured(0.4)}).verdict.promoted


def test_many_comparisons_raise_few_false_alarms(registry: FolderRegistry) -> None:
    """Of 60 versions that are as good but for chance, on 24 comparisons each, at most a few are refused."""
    keys = [f"{setting}/{name}" for setting in ("warm", "cold", "none", "transfer") for name in ("a", "b")]
    train(registry, {key: measured(0.5) for key in keys})
    before = registry.load("hybrid", 1)
    refused = 0
    for night in range(60):
        sets = {key: jittered(measured(0.5), night * 100 + place) for place, key in enumerate(keys)}
        refused += bool(worse(results_of(sets), read_results(before)))
    assert refused <= 6


def jittered(one: Measured, seed: int) -> Measured:
    """Return other measurements that differ by chance alone, differently for each metric."""
    generator = np.random.default_rng(seed)
    results = one.results.copy()
    for metric in ("recall_at_100", "ndcg_at_500", "clicks"):
        results[metric] += generator.normal(0, 0.1, len(results))
    return Measured(results, 0.1)


def test_a_real_loss_is_found_among_many_comparisons(registry: FolderRegistry) -> None:
    """A tenth less on one set of eight is refused, whatever the other seven say."""
    keys = [f"{setting}/{name}" for setting in ("warm", "cold", "none", "transfer") for name in ("a", "b")]
    train(registry, {key: measured(0.5) for key in keys})
    lossy = {key: measured(0.45 if key == "cold/b" else 0.55, noise=0.1) for key in keys}
    reasons = train(registry, lossy).verdict.reasons
    assert {reason.partition(":")[0] for reason in reasons} == {"cold/b"}


def test_a_set_that_vanished_is_no_proof(registry: FolderRegistry) -> None:
    """Playlists that could not be read this night leave the old version; a set that is new is no reason against."""
    train(registry, {"warm/mine": measured(0.5), "warm/yours": measured(0.5)})
    found = train(registry, {"warm/mine": measured(0.6), "warm/new": measured(0.01)})
    assert found.verdict.reasons == (
        "warm/yours: not measured on the same playlists, so that nobody knows whether it is worse than hybrid@1",
    )
    others = measured(0.5)
    others.results.index = pd.Index([f"other{row}" for row in range(N)], name="playlist_id")
    assert not train(registry, {"warm/mine": measured(0.6), "warm/yours": others}).verdict.promoted
    assert not train(registry, {}).verdict.promoted
    assert train(registry, {"warm/mine": measured(0.5), "warm/yours": measured(0.5)}).verdict.promoted


def test_metrics_that_the_old_version_was_not_measured_by_do_not_count(registry: FolderRegistry) -> None:
    """It may have been registered before there was such a metric; those that both have decide."""
    old = train(registry, {"warm/mine": measured(0.5)}).model
    read_results(old).drop(columns="clicks").to_parquet(old.path / RESULTS)
    assert train(registry, {"warm/mine": measured(0.5)}).verdict.promoted
    assert not train(registry, {"warm/mine": measured(0.4)}).verdict.promoted


@pytest.mark.parametrize("file", ["model.json", "model.pickle", RESULTS, "../best"])
def test_a_damaged_best_version_does_not_stand_in_the_way(registry: FolderRegistry, file: str) -> None:
    """What cannot be opened recommends nothing; the next version that passes the floors takes its place."""
    first = train(registry, {"warm/mine": measured(0.5)})
    (first.model.path / file).write_bytes(b"damaged")
    second = train(registry, {"warm/mine": measured(0.1)})
    assert second.verdict.promoted
    assert "the best version before cannot be used: " in second.verdict.reasons[0]
    assert registry.best("hybrid") == 2


def test_a_best_version_that_is_gone_does_not_stand_in_the_way(registry: FolderRegistry) -> None:
    """Somebody may have deleted its folder."""
    shutil.rmtree(train(registry, {"warm/mine": measured(0.5)}).model.path)
    assert train(registry, {"warm/mine": measured(0.1)}).verdict.promoted


def test_what_was_not_measured_has_not_reached_its_floor(registry: FolderRegistry) -> None:
    """A set without a figure is not one that passes."""
    nothing = measured(0.9)
    nothing.results["recall_at_100"] = np.nan
    assert any("recall_at_100 is nan" in line for line in missed("hybrid", {"none/million-playlist": nothing}))
    empty = Measured(nothing.results.iloc[:0], 0.0)
    assert missed("hybrid", {"cold/million-playlist": empty}) != []
    assert not train(registry, {"none/million-playlist": nothing}).verdict.promoted


def run(*arguments: str) -> None:
    """Run `segue promote`."""
    program = typer.Typer(add_completion=False, rich_markup_mode=None)
    program.command()(promote)
    program(list(arguments), standalone_mode=False)


def test_an_operator_may_know_better(registry: FolderRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    """`segue promote` makes a refused version the best, and the next one is compared with it; and back again."""
    monkeypatch.setenv("SEGUE_VAR", str(registry.root.parent))
    train(registry, {"warm/mine": measured(0.5)})
    train(registry, {"warm/mine": measured(0.4)})
    assert registry.best("hybrid") == 1
    run("hybrid@latest")
    assert registry.best("hybrid") == 2
    assert train(registry, {"warm/mine": measured(0.41)}).verdict.reasons == (
        "on no set worse than hybrid@2 beyond noise",
    )
    (registry.root / "hybrid" / "best").write_text("damaged")
    run("hybrid@1")
    assert registry.best("hybrid") == 1


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("hybrid", "'hybrid' names no version to promote: write hybrid@3 or hybrid@latest"),
        ("hybrid@7", "model 'hybrid' has no version 7, but 1, 2"),
        ("hybrid@next", "'hybrid@next' names no version to promote: write hybrid@3 or hybrid@latest$"),
        ("taste@1", "no model 'taste' is registered, but hybrid"),
        ("../models/hybrid@1", r"'\.\./models/hybrid' is no name of a model"),
        ("hybrid@2", r"2: cannot be used .*run `segue train`"),
    ],
)
def test_what_cannot_be_promoted_is_one_clear_line(
    registry: FolderRegistry, monkeypatch: pytest.MonkeyPatch, version: str, message: str
) -> None:
    """The present best stays."""
    monkeypatch.setenv("SEGUE_VAR", str(registry.root.parent))
    train(registry, {"warm/mine": measured(0.5)})
    (train(registry, {"warm/mine": measured(0.4)}).model.path / "model.pickle").write_bytes(b"damaged")
    with pytest.raises(SegueError, match=message):
        run(version)
    assert registry.best("hybrid") == 1


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


def test_versions_of_different_catalogs_are_compared_on_the_same_playlists(
    store: FeatureStore, registry: FolderRegistry
) -> None:
    """Rows shift where tracks come between: each playlist keeps its halves, and meets its own earlier results."""
    tracks = two_islands()
    store.replace(TRACKS, tracks)
    store.replace(PLAYLIST_TRACKS, listed("mine", some_playlists(200, 20, seed=1)))
    first = train_model(store, registry, "artist").model
    ids = [f"{number:021d}a" for number in range(12)]
    strangers = tracks.head(12).assign(track_id=ids, recording_id=ids, artists="Nobody", popularity=0)
    grown = pd.concat([tracks, strangers], ignore_index=True)
    assert grown["track_id"].sort_values().tolist()[:120] != tracks["track_id"].tolist()
    store.replace(TRACKS, grown)
    second = train_model(store, registry, "artist")
    assert second.verdict is not None
    assert second.verdict.reasons == ("on no set worse than artist@1 beyond noise",)
    pd.testing.assert_frame_equal(read_results(second.model)[FOUND], read_results(first)[FOUND])


def test_a_playlist_that_a_smaller_catalog_cuts_short_is_not_compared(
    store: FeatureStore, registry: FolderRegistry
) -> None:
    """The others are, by their names; whatever place they have among the results now."""
    tracks = two_islands()
    store.replace(TRACKS, tracks)
    store.replace(PLAYLIST_TRACKS, listed("mine", some_playlists(200, 12, seed=1)))
    before = read_results(train_model(store, registry, "artist").model)
    store.replace(TRACKS, tracks.drop(range(0, 120, 8)))
    second = train_model(store, registry, "artist")
    after = read_results(second.model)
    assert 0 < len(after) < len(before)
    assert set(after["playlist_id"]) < set(before["playlist_id"])
    assert second.verdict is not None
    assert not any("not measured on the same playlists" in reason for reason in second.verdict.reasons)


def test_every_version_has_a_card_with_plots(registry: FolderRegistry) -> None:
    """In its own folder: what it is, what it measured, whether it was promoted, and pictures that can be drawn."""
    train(registry, {"warm/mine": measured(0.5)})
    model = train(registry, {"warm/mine": measured(0.3)}).model
    card = (model.path / "README.md").read_text(encoding="utf-8")
    assert card.startswith("# Model card: hybrid\n")
    assert json.loads((model.path / "input_example.json").read_text()) == [FITTED.recordings[0].decode(), 1.0]
    assert "It did not become the best version:" in card
    assert "| warm/mine | 200 | 0.3" in card
    assert "- 1,234 recordings (catalog c0ffeec0ffee)\n- 567 public playlists of mine\n" in card
    assert "| artist | 2.800 | – |" in card
    assert "nothing that a listener of this installation has played went into it" in card
    for picture in ("recall.svg", "spread.svg"):
        assert f"]({picture})" in card
        ET.parse(model.path / picture)  # noqa: S314 - Segue has just written it
    assert (model.path / RESULTS).exists()
    known = train(registry, {"warm/million-playlist": measured(0.5)}, name="hybrid").model
    card = (known.path / "README.md").read_text(encoding="utf-8")
    assert "(at least 0.38) |" in card
    assert "(at most 1.6) |" in card
    bare = train(registry, {}, name="audio").model
    assert "too few public playlists" in (bare.path / "README.md").read_text(encoding="utf-8")
