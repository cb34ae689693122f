"""The graph of songs like each song."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from catalogs import made_up_tracks, track_id, train_small
from listening import as_catalog
from mapped import is_mapped

from inference_pipeline.library import Library
from inference_pipeline.similar import similar_recordings
from segue.models.blend import Blend
from segue.models.choice import LEARNING, fit_model, with_song_graph
from segue.models.content import place_by_content
from segue.models.songs import similarities, song_graph, song_weights

TRACKS = made_up_tracks(150).assign(genres=[f"g{number % 7};h{number % 5}" for number in range(150)])


def hybrid(space: str = "hybrid") -> Blend:
    """Return a model that learned from playlists, which know half of the recordings."""
    random = np.random.default_rng(0)
    playlists = [np.sort(random.choice(np.arange(0, 150, 2), 20, replace=False)) for _ in range(60)]
    return fit_model(space, place_by_content(TRACKS.set_index("track_id")), playlists)


@pytest.mark.parametrize("space", ["hybrid", "colisten", "audio", "tags"])
def test_the_graph_is_exact(space: str) -> None:
    """Each neighbor is as near as the comparison with everything says, and nothing nearer is missing."""
    model = hybrid(space) if space in LEARNING else train_small(TRACKS, space)
    graph = song_graph(model, np.arange(150), k=12)
    assert graph is not None
    for row in range(150):
        compared = similarities(model, row)
        neighbors, near = graph.nearest(row) or pytest.fail("every row was asked for")
        assert row not in neighbors
        assert near == pytest.approx(compared[neighbors], abs=1e-5)
        assert near == pytest.approx(np.sort(np.delete(compared, row))[::-1][:12], abs=1e-5)


def test_known_and_unknown_recordings_have_the_weights_of_their_worlds() -> None:
    """Which add up to 1, and in which tags stand for genres."""
    model = hybrid()
    known, unknown = song_weights(model, known=True), song_weights(model, known=False)
    assert sum(known.values()) == pytest.approx(1)
    assert sum(unknown.values()) == pytest.approx(1)
    assert known != unknown
    assert "genre" not in known


def test_a_world_in_which_nothing_has_vectors_borrows_the_other_ones() -> None:
    """By co-listening, what playlists know is placed among what they do not know, too."""
    model = hybrid("colisten")
    assert song_weights(model, known=True) == song_weights(model, known=False) == {"embedding": 1.0}
    assert similarities(model, 0).std() > 0.1


@pytest.mark.parametrize("space", ["genre", "artist", "era"])
def test_spaces_that_are_sparse_or_have_no_vectors_have_no_graph(space: str) -> None:
    """Comparing with everything is as fast there."""
    assert with_song_graph(train_small(TRACKS, space), place_by_content(TRACKS.set_index("track_id"))).graph is None


def test_those_that_are_asked_for_most_are_in_it() -> None:
    """First what playlists know, then the most popular."""
    model = hybrid()
    graph = with_song_graph(model, place_by_content(TRACKS.set_index("track_id")), most=80).graph
    assert graph is not None
    assert model.known is not None
    assert set(np.flatnonzero(model.known)) <= set(graph.rows.tolist())
    others = [row for row in graph.rows if not model.known[row]]
    left_out = np.setdiff1d(np.flatnonzero(~model.known), others)
    assert TRACKS["popularity"][others].min() >= TRACKS["popularity"][left_out].max()
    assert graph.nearest(int(left_out[0])) is None


@pytest.mark.parametrize("k", [1, 5, 30, 200])
def test_songs_are_the_same_with_and_without_it(k: int) -> None:
    """Where it reaches far enough, where it does not, and where half the catalog has left since."""
    model = hybrid()
    with_graph = replace(model, graph=song_graph(model, np.arange(0, 150, 3), k=20))
    for left in (TRACKS, TRACKS[TRACKS.index % 4 != 1]):
        catalog = as_catalog(left)
        for number in (0, 3, 4, 12):
            plain = similar_recordings(Library(model, catalog), track_id(number), k)
            found = similar_recordings(Library(with_graph, catalog), track_id(number), k)
            assert found.index.tolist() == plain.index.tolist()
            assert found["similarity"].to_numpy() == pytest.approx(plain["similarity"].to_numpy(), abs=1e-5)
            assert set(found.index) <= set(left["track_id"])


def test_it_is_mapped_into_memory(tmp_path: Path) -> None:
    """Loading a model reads nothing of it."""
    model = replace(hybrid(), graph=song_graph(hybrid(), np.arange(0, 150, 2), k=10))
    model.save(tmp_path)
    graph = Blend.load(tmp_path).graph
    assert graph is not None
    assert model.graph is not None
    assert is_mapped(graph.indices)
    assert np.array_equal(graph.indices, model.graph.indices)
    assert np.array_equal(graph.similarities, model.graph.similarities)
