"""Learning from what listeners play: off unless the operator says so, and then without knowing who they are."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from catalogs import track_id
from islands import ISLAND, listed, some_playlists, two_islands
from listening import NOW
from typer.testing import CliRunner

from segue.groups import LISTENERS, LISTENS, PLAYLIST_TRACKS, RUNS, TRACKS, FeatureGroup
from segue.models.blend import Blend
from segue.models.catalog import read_catalog
from segue.registry import FolderRegistry, Model
from segue.store import FeatureStore, open_store
from training_pipeline.cli import program
from training_pipeline.listeners import FEWEST, FEWEST_WHO_PLAY, listener_histories
from training_pipeline.results import read_results
from training_pipeline.train import Trained, train_model

PLAYED = range(ISLAND, ISLAND + 12)
"""What every listener plays, and no playlist holds."""


@pytest.fixture
def registry(tmp_path: Path) -> FolderRegistry:
    """Return an empty registry."""
    return FolderRegistry(tmp_path / "var" / "models")


def connect(store: FeatureStore, count: int, service: str = "spotify", status: str = "connected") -> None:
    """Connect listeners who all play the same."""
    names = [f"secret-{service}-{number}" for number in range(count)]
    about = {"service": service, "scopes": "", "consented_at": NOW, "status": status, "playlists": "{}"}
    people = pd.DataFrame({"listener_id": names}).assign(
        **about, display_name=None, token=None, coverage=None, settings=None
    )
    store.upsert(LISTENERS, people)
    rows = pd.DataFrame(
        [
            {"listener_id": name, "source": "long_term", "rank": rank + 1, "track_id": track_id(track)}
            for name in names
            for rank, track in enumerate(PLAYED)
        ]
    )
    rows = rows.assign(title="Song", artists="Somebody", matched_track_id=rows["track_id"], matched_by="id")
    store.upsert(LISTENS, rows.assign(fetched_at=NOW, expires_at=NOW + timedelta(days=30)))


@pytest.fixture
def world(store: FeatureStore) -> FeatureStore:
    """Return a store with playlists of the north alone, and just enough listeners, who live in the south."""
    store.replace(TRACKS, two_islands())
    north = {name: rows for name, rows in some_playlists(240, 12, seed=1).items() if max(rows) < ISLAND}
    store.replace(PLAYLIST_TRACKS, listed("north", north))
    connect(store, FEWEST)
    return store


def train(store: FeatureStore, registry: FolderRegistry, learn_from: str | None = "spotify") -> Trained:
    """Train if anything has changed."""
    return train_model(store, registry, "colisten", if_changed=True, learn_from=learn_from)


def known(model: Model) -> set[str]:
    """Return the recordings that the model has seen somebody put together."""
    blend = Blend.load(model.path)
    assert blend.known is not None
    return set(blend.track_ids[np.asarray(blend.known)])


class Watched:
    """A store that remembers which groups were read."""

    def __init__(self, store: FeatureStore) -> None:
        self._store = store
        self.read_groups: list[str] = []

    def read(self, group: FeatureGroup, *arguments: object, **options: object) -> pd.DataFrame:
        """Read from the real store."""
        self.read_groups.append(group.name)
        return self._store.read(group, *arguments, **options)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


def test_switched_off_nothing_about_listeners_is_read(world: FeatureStore, registry: FolderRegistry) -> None:
    """Neither who they are nor what they play."""
    watched = Watched(world)
    model = train_model(watched, registry, "colisten").model  # type: ignore[arg-type]
    assert set(watched.read_groups) == {"tracks", "playlist_tracks"}
    assert model.schema["n_listeners"] == 0
    assert not known(model) & {track_id(track) for track in PLAYED}


def test_off_is_the_default_and_the_setting_switches_it_on(
    world: FeatureStore, registry: FolderRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command asks the setting; a model that learns from no playlists learns from no listeners."""
    del world
    command = ["train", "--space", "colisten", "--json"]
    assert json.loads(CliRunner().invoke(program, command).stdout)["n_listeners"] == 0
    monkeypatch.setenv("SEGUE_LEARN_FROM_LISTENERS", "true")
    assert json.loads(CliRunner().invoke(program, command).stdout)["n_listeners"] == FEWEST
    assert json.loads(CliRunner().invoke(program, ["train", "--space", "genre", "--json"]).stdout)["n_listeners"] == 0
    assert registry.load("colisten", "latest").version == 2


def test_what_listeners_play_is_learned_like_a_playlist(world: FeatureStore, registry: FolderRegistry) -> None:
    """The model knows what no public playlist holds."""
    model = train(world, registry).model
    assert {track_id(track) for track in PLAYED} <= known(model)


def test_listeners_are_learned_from_and_never_tested_on(world: FeatureStore, registry: FolderRegistry) -> None:
    """The stored results are of public playlists alone, and of the same ones as without listeners."""
    without, model = train(world, registry, None).model, train(world, registry).model
    tested = read_results(model)
    assert set(tested["set"]) == {"warm/north", "cold/north"}
    assert tested["playlist_id"].str.startswith("north:").all()
    assert tested[["set", "playlist_id"]].equals(read_results(without)[["set", "playlist_id"]])


def test_nobody_is_named_anywhere(
    world: FeatureStore, registry: FolderRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not in any file of the model or the registry, not in the run's report, not in what is said: only how many."""
    model = train(world, registry).model
    for path in registry.root.rglob("*"):
        assert path.is_dir() or b"secret" not in path.read_bytes()
    (run,) = world.read(RUNS, where={"pipeline": "train"}).to_dict("records")
    assert "secret" not in str(run)
    assert json.loads(run["report"])["n_listeners"] == FEWEST
    said = capsys.readouterr()
    assert "secret" not in said.out + said.err
    card = (model.path / "README.md").read_text(encoding="utf-8")
    assert f"what {FEWEST} listeners of this installation have been playing went into it" in card


def test_too_few_listeners_are_left_alone(
    world: FeatureStore, registry: FolderRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    """One note says so, and the model is that of the playlists."""
    world.delete(LISTENS, {"listener_id": "secret-spotify-0"})
    model = train(world, registry).model
    assert model.schema["n_listeners"] == 0
    assert (
        f"{FEWEST - 1} have matched tracks that at least {FEWEST_WHO_PLAY} of them play, and at least {FEWEST} must"
        in capsys.readouterr().err
    )
    assert not train(world, registry, None).is_new


def test_what_few_listeners_play_stays_unknown(world: FeatureStore, registry: FolderRegistry) -> None:
    """A track of one's own would give away the others; what just enough of them play is learned."""
    alone, shared = PLAYED.stop, PLAYED.stop + 1
    listens = world.read(LISTENS, where={"track_id": track_id(PLAYED[0])}).sort_values("listener_id")
    for track, players in ((alone, 1), (shared, FEWEST_WHO_PLAY)):
        name = track_id(track)
        world.upsert(LISTENS, listens[:players].assign(rank=track, track_id=name, matched_track_id=name))
    model = train(world, registry).model
    assert model.schema["n_listeners"] == FEWEST
    assert {track_id(shared)} <= known(model)
    assert not {track_id(alone)} & known(model)


def test_two_copies_of_a_track_are_one_listener(store: FeatureStore) -> None:
    """Someone who plays a recording under several ids does not count several times."""
    store.replace(TRACKS, two_islands())
    connect(store, FEWEST)
    listens = store.read(LISTENS, where={"listener_id": "secret-spotify-0", "track_id": track_id(PLAYED[0])})
    for copy in range(FEWEST_WHO_PLAY):
        heard, matched = track_id(900 + copy), track_id(PLAYED.stop)
        store.upsert(LISTENS, listens.assign(rank=90 + copy, track_id=heard, matched_track_id=matched))
    histories = listener_histories(store, read_catalog(store), "spotify", NOW)
    assert {len(rows) for rows in histories} == {len(PLAYED)}


def test_who_plays_only_tracks_of_their_own_does_not_count(world: FeatureStore, registry: FolderRegistry) -> None:
    """Nothing of them is left to learn from: they are none of the listeners who must be enough."""
    mine = {"listener_id": "secret-spotify-0"}
    listens = world.read(LISTENS, where=mine)
    own = [track_id(track) for track in range(PLAYED.stop, PLAYED.stop + len(listens))]
    world.delete(LISTENS, mine)
    world.upsert(LISTENS, listens.assign(track_id=own, matched_track_id=own))
    assert train(world, registry).model.schema["n_listeners"] == 0


def test_every_training_ends_what_other_models_learned(world: FeatureStore, registry: FolderRegistry) -> None:
    """Whatever it trains, of each name only the best version may still hold what listeners taught it."""
    best = train(world, registry).model
    shutil.copytree(best.path, best.path.with_name("2"))
    train_model(world, registry, "genre")
    assert registry.versions("colisten") == [best.version]


def test_what_a_listener_who_left_taught_leaves_with_the_next_training(
    world: FeatureStore, registry: FolderRegistry
) -> None:
    """Deleted rows are noticed, and no version that learned from listeners is kept beside the two newest."""
    connect(world, FEWEST + 2)
    first = train(world, registry)
    assert not train(world, registry).is_new
    world.delete(LISTENS, {"listener_id": "secret-spotify-0"})
    second = train(world, registry)
    assert (second.is_new, second.model.schema["n_listeners"]) == (True, FEWEST + 1)
    assert second.verdict is not None
    assert second.verdict.promoted
    assert not first.model.path.exists()
    assert train(world, registry, None).model.schema["n_listeners"] == 0
    assert registry.versions("colisten") == [3]


def test_expired_rows_do_not_count(world: FeatureStore, registry: FolderRegistry) -> None:
    """Whether they have been deleted yet or not."""
    connect(world, FEWEST + 1)
    train(world, registry)
    world.update(LISTENS, {"listener_id": "secret-spotify-0"}, {"expires_at": NOW - timedelta(minutes=1)})
    assert train(world, registry).model.schema["n_listeners"] == FEWEST
    world.update(LISTENS, {"listener_id": "secret-spotify-1"}, {"expires_at": NOW - timedelta(minutes=1)})
    assert train(world, registry).model.schema["n_listeners"] == 0


def test_only_what_connected_listeners_of_the_service_played_counts(store: FeatureStore) -> None:
    """Not the sandbox's made-up people, nobody whose consent ended, no track that only stands in for another."""
    store.replace(TRACKS, two_islands())
    connect(store, FEWEST)
    connect(store, 5, service="sandbox")
    store.update(LISTENS, {"track_id": track_id(PLAYED[0])}, {"matched_by": "artist"})
    store.update(LISTENS, {"track_id": track_id(PLAYED[1])}, {"matched_track_id": None, "matched_by": "none"})
    catalog = read_catalog(store)
    histories = listener_histories(store, catalog, "spotify", NOW)
    assert len(histories) == FEWEST
    expected = catalog.recordings.index.get_indexer(pd.Index([track_id(track) for track in PLAYED[2:]]))
    assert all(np.array_equal(rows, np.sort(expected)) for rows in histories)
    store.update(LISTENERS, {"listener_id": "secret-spotify-3"}, {"status": "reconnect"})
    assert listener_histories(store, catalog, "spotify", NOW) == []


def test_the_setting_is_either_on_or_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Anything else is one clear line."""
    open_store(f"sqlite:///{tmp_path / 'var' / 'segue.db'}").replace(TRACKS, two_islands())
    monkeypatch.setenv("SEGUE_LEARN_FROM_LISTENERS", "perhaps")
    failed = CliRunner().invoke(program, ["train"])
    assert failed.exit_code == 1
    assert str(failed.exception).startswith("setting SEGUE_LEARN_FROM_LISTENERS: ")
