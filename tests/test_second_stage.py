"""The second stage: it orders anew what is likeliest, and touches nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from islands import ISLAND, some_playlists, two_islands
from numpy.typing import NDArray

from segue.models import blend as blend_module
from segue.models import second_fitting
from segue.models.blend import Blend
from segue.models.chances import Weights
from segue.models.choice import fit_model
from segue.models.content import Content, place_by_content
from segue.models.hybrid import KNOWN, UNKNOWN, blend
from segue.models.ranking import Query, places, rank
from segue.models.second_fitting import fit_second_stage
from segue.models.second_stage import SecondStage
from segue.models.spaces.colisten.neighbors import NeighborsSpace
from segue.models.spaces.colisten.playlists import Playlists

N = 2 * ISLAND
LENGTH = 10


@pytest.fixture(scope="module")
def content() -> Content:
    """Return two islands of taste."""
    return place_by_content(two_islands().set_index("track_id"))


@pytest.fixture(scope="module")
def playlists() -> list[NDArray[np.intp]]:
    """Return playlists that each stay on one island, and know three quarters of it."""
    return [np.array([row for row in rows if row % 4]) for rows in some_playlists(40, 24, seed=1).values()]


@pytest.fixture
def model(content: Content, playlists: list[NDArray[np.intp]], monkeypatch: pytest.MonkeyPatch) -> Blend:
    """Return a model with weights for the second stage that nobody learned, and shortlists of ten."""
    monkeypatch.setattr(blend_module, "SHORTLIST", LENGTH)
    weights = Weights(dict.fromkeys(UNKNOWN, 0.7), dict.fromkeys(KNOWN, 0.4))
    random = np.random.default_rng(3)
    theta = [random.normal(0, 1, 2 * len(names) + 4).astype(np.float32) for names in (UNKNOWN, KNOWN)]
    learned = Playlists.of(playlists, N)
    second = replace(SecondStage.of(content, learned), weights=theta)
    return replace(blend(content, learned, weights), second=second)


def shortlists(model: Blend, listener: Query, candidates: NDArray[np.bool_] | None = None) -> list[NDArray[np.intp]]:
    """Return the rows on the shortlist of each world."""
    assert model.second is not None
    (first,) = model.first.listeners([listener])
    return [one.rows for one in model.shortlists(model.second, listener, first, candidates)]


def query(*seeds: int) -> Query:
    """Return a listener of these seeds."""
    return Query(np.array(seeds), np.ones(len(seeds), np.float32))


def test_it_orders_the_shortlists_anew_and_nothing_else(model: Blend) -> None:
    """What is on no shortlist keeps its chance, and each shortlist the chance that it had as a whole."""
    listener = query(1, 2, 5, 8, 12)
    before = replace(model, second=None).scores([listener])[0]
    after = model.scores([listener])[0]
    changed = np.flatnonzero(np.abs(after - before) > 1e-4)
    lists = shortlists(model, listener)
    assert [len(rows) for rows in lists] == [LENGTH, LENGTH]
    assert set(changed) <= set(np.concatenate(lists))
    for rows in lists:
        assert np.exp(after[rows]).sum() == pytest.approx(np.exp(before[rows]).sum(), rel=1e-4)
        assert (np.argsort(after[rows]) != np.argsort(before[rows])).any()


@pytest.mark.parametrize("n_seeds", [5, 32])
def test_terms_sum_to_the_new_score(model: Blend, n_seeds: int) -> None:
    """Within a shortlist what differs is the seeds' doing, but for place among the artist's and facts; any tastes."""
    seeds = np.random.default_rng(5).permutation(N)[:n_seeds]
    listener = Query(seeds, np.linspace(1, 0.2, n_seeds, dtype=np.float32))
    (answer,), second = model.answers([listener]), model.second
    assert second is not None
    assert len(model.first.tastes(listener)) == (1 if n_seeds < 30 else 2)
    (first,) = model.first.listeners([listener])
    plain = replace(model, second=None)
    for emphasis, weights in zip(answer.basis.emphasis, second.weights, strict=True):
        rows = emphasis.rows
        summed = np.sum(list(model.terms(listener, rows, answer.basis).values()), axis=(0, 2))
        before = np.sum(list(plain.terms(listener, rows).values()), axis=(0, 2))
        seedless = first.gate * (
            np.log1p(places(model.artists[rows])) * weights[-3] + second.facts[rows] @ weights[-2:]
        )
        change = answer.scores[rows] - first.scores[rows] - (summed - before) - seedless
        assert change == pytest.approx(np.full(len(rows), change.mean()), abs=1e-3)
        assert np.ptp(summed - before) > 0.1


def test_neither_seeds_nor_what_may_not_be_recommended_take_a_place(model: Blend) -> None:
    """Shortlists are of candidates: the fewer there are, the deeper they reach."""
    listener, candidates = query(1, 2, 5), np.arange(N) >= ISLAND
    for rows in shortlists(model, listener, candidates):
        assert len(rows) == LENGTH
        assert candidates[rows].all()
    for rows in shortlists(model, listener):
        assert not np.isin(rows, listener.seeds).any()


def test_whom_the_playlists_do_not_know_it_leaves_alone(model: Blend) -> None:
    """What was learned from playlists counts as far as they know the listener."""
    (listener,) = model.first.listeners([query(1, 2, 5)])
    stranger = replace(listener, gate=0.0, scores=listener.scores.copy())
    assert model.second is not None
    model.second.reorder(stranger, model.shortlists(model.second, query(1, 2, 5), stranger, None))
    assert stranger.scores == pytest.approx(listener.scores, abs=1e-5)


def test_a_world_without_candidates_is_left_alone(model: Blend) -> None:
    """Where nothing may be recommended, there is nothing to order."""
    listener = query(1, 2, 5)
    nothing = np.zeros(N, bool)
    assert model.scores([listener], nothing) == pytest.approx(replace(model, second=None).scores([listener]))


def test_it_learns_what_the_first_stage_does_not_know(
    content: Content, playlists: list[NDArray[np.intp]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With weights that tell the islands apart too little, it finds more of the listener's own."""
    monkeypatch.setattr(blend_module, "SHORTLIST", 100)
    monkeypatch.setattr(second_fitting, "LEAST", 20)
    weak = Weights(dict.fromkeys(UNKNOWN, 0.001), dict.fromkeys(KNOWN, 0.001) | {"era": -0.5})
    second = fit_second_stage(content, playlists, weak, NeighborsSpace())
    first = blend(content, Playlists.of(playlists, N), weak)
    listener = query(1, 2, 5, 7, 9)

    def own(model: Blend) -> float:
        (ranking,) = rank(model, [listener], 20)
        return float((ranking.rows < ISLAND).mean())

    assert own(replace(first, second=second)) == 1 > own(first)


def test_it_is_learned_the_same_way_each_time(content: Content, playlists: list[NDArray[np.intp]]) -> None:
    """The same playlists make the same model."""
    one, two = (fit_model("hybrid", content, playlists) for _ in range(2))
    assert one.second is not None
    assert two.second is not None
    for ours, theirs in zip(one.second.weights, two.second.weights, strict=True):
        assert np.array_equal(ours, theirs)


def test_nothing_is_learned_where_nothing_is_hidden(content: Content) -> None:
    """Playlists that are too short to stand for listeners leave the first stage alone."""
    short = [np.arange(start, start + 5) for start in range(0, N, 5)]
    weights = Weights(dict.fromkeys(UNKNOWN, 0.7), dict.fromkeys(KNOWN, 0.4))
    second = fit_second_stage(content, short, weights, NeighborsSpace())
    first = blend(content, Playlists.of(short, N), weights)
    both = [model.scores([query(1, 2, 5)]) for model in (first, replace(first, second=second))]
    assert np.array_equal(*both)
