"""Looking only where a listener's likeliest recordings are, beside looking at all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from catalogs import made_up_tracks
from numpy.typing import NDArray

from segue.groups import AUDIO_FEATURES
from segue.models.blend import Blend
from segue.models.cells import FEWEST, LONGEST, LOOKED_AT
from segue.models.chances import Weights
from segue.models.choice import fit_model, with_cells
from segue.models.content import place_by_content
from segue.models.hybrid import KNOWN as KNOWN_SPACES
from segue.models.hybrid import UNKNOWN, blend
from segue.models.ranking import Query, rank
from segue.models.spaces.colisten.playlists import Playlists
from segue.models.vectors import seed_weights
from segue.models.worlds import hear, log_sum_exp

N = 42_000
STYLES = 40
KNOWN = 22_000
"""Only of these are there playlists: enough of both for cells."""


def styles() -> NDArray[np.intp]:
    """Return the style of each recording: there are as many of each."""
    return np.arange(N) % STYLES


@cache
def catalog() -> pd.DataFrame:
    """Return recordings whose sound and genre go with their style, more or less."""
    random, style = np.random.default_rng(0), styles()
    tracks = made_up_tracks(N)
    centers = random.normal(size=(STYLES, len(AUDIO_FEATURES)))
    sounds = centers[style] + random.normal(scale=0.5, size=(N, len(AUDIO_FEATURES)))
    tracks[list(AUDIO_FEATURES)] = (1 / (1 + np.exp(-sounds))).astype("float32")
    tracks["artists"] = [f"Artist {number}" for number in style * N + np.arange(N) // (10 * STYLES)]
    tracks["genres"] = [f"genre {number // 2}" for number in style]
    return tracks.set_index("track_id")


@cache
def trained() -> Blend:
    """Return the hybrid of these recordings and of playlists of a style each."""
    random, style = np.random.default_rng(1), styles()[:KNOWN]
    pools = [np.flatnonzero(style == number % STYLES) for number in range(1200)]
    playlists = [np.sort(random.choice(pool, 50, replace=False)) for pool in pools]
    weights = Weights(dict.fromkeys(UNKNOWN, 1.0), dict.fromkeys(KNOWN_SPACES, 1.0) | {"embedding": 5.0})
    return with_cells(blend(place_by_content(catalog()), Playlists.of(playlists, N), weights))


@cache
def without_links() -> Blend:
    """Return a model to which artists and playlists in common say nothing: cells alone lead to what is likely."""
    model = trained()
    worlds = (model.weights.unknown, model.weights.known)
    weights = Weights(*({name: own[name] for name in own if name not in {"artist", "neighbors"}} for own in worlds))
    return with_cells(replace(model, weights=weights))


def listener(n_seeds: int = 20, n_styles: int = 2, seed: int = 0) -> Query:
    """Return a listener of a few styles."""
    random = np.random.default_rng(seed)
    liked = random.choice(STYLES, n_styles, replace=False)
    seeds = random.choice(np.flatnonzero(np.isin(styles(), liked)), n_seeds, replace=False)
    return Query(np.sort(seeds), np.ones(n_seeds, np.float32))


def best(model: Blend, query: Query, k: int, candidates: NDArray[np.bool_] | None = None) -> NDArray[np.intp]:
    """Return the `k` best recordings."""
    (ranking,) = rank(model, [query], k, candidates, model.artists, model.discount)
    return ranking.rows


def test_a_large_world_has_cells_and_a_small_one_is_a_single_cell() -> None:
    """Looking at a few thousand recordings costs no more than looking for them."""
    model = trained()
    assert min(len(world.rows) for world in model.first.chances.worlds) >= FEWEST
    assert min(len(world.cells.sizes) for world in model.first.chances.worlds) > 100
    hardly_known = with_cells(replace(model, known=np.arange(N) < FEWEST - 1))
    unknown, known = hardly_known.first.chances.worlds
    assert len(unknown.cells.sizes) > 100
    assert len(known.cells.sizes) == 1


@pytest.mark.parametrize("n_seeds", [1, 5, 20, 100])
@pytest.mark.parametrize("build", [trained, without_links])
def test_the_best_are_those_that_looking_at_all_would_find(build: Callable[[], Blend], n_seeds: int) -> None:
    """Of the best hundred hardly one is missed, for listeners of one, two or three styles, and as many seeds."""
    model, found = build(), []
    everything = replace(model, cells=None)
    for number in range(12):
        query = listener(n_seeds, min(n_seeds, 1 + number % 3), number)
        found.append(len(np.intersect1d(best(model, query, 100), best(everything, query, 100))))
    assert np.mean(found) >= 98
    assert min(found) >= 90


def test_what_is_not_looked_at_is_estimated() -> None:
    """The sum of all chances is nearly known, though most of what it sums was not looked at."""
    first = without_links().first
    for number, world in enumerate(first.chances.worlds):
        weights = seed_weights([listener(5, 3, number)], N)
        heard = {name: hear(space, weights) for name, space in first.spaces.items()}
        tables = {name: space.table(heard[name]) for name, space in first.chances.spaces.items()}
        everything = world.scores(heard, tables)
        # Cells that say nothing: what is looked at is no more likely than the rest.
        by_cell = np.zeros((1, len(world.cells.sizes)), np.float32)
        places, scores, sums = world.look(heard, by_cell, world.cells.sizes, 500)
        assert scores[0] == pytest.approx(everything[0, places], abs=1e-4)
        assert sums == pytest.approx(log_sum_exp(everything), abs=0.15)
        assert log_sum_exp(scores) < log_sum_exp(everything) - 1


def test_a_world_without_anything_to_compare_by_cells_is_scored_by_what_there_is() -> None:
    """Where only the artist counts, cells are all alike: nobody is left without a list."""
    model = trained()
    artists = with_cells(replace(model, weights=Weights({"artist": 1.0}, model.weights.known)))
    unknown = listener(5, 1, 3)
    assert len(best(artists, unknown, 100, ~artists.first.known)) == 100


def test_dislikes_push_away_as_they_do_among_all() -> None:
    """What is like a disliked seed is as far down the list as looking at everything would put it."""
    model, query = without_links(), listener(20, 2)
    preferences = np.where(styles()[query.seeds] == styles()[query.seeds[0]], 1, -1).astype(np.float32)
    torn = Query(query.seeds, preferences)
    found = best(model, torn, 100)
    assert len(np.intersect1d(found, best(replace(model, cells=None), torn, 100))) >= 95
    assert not np.isin(styles()[found], styles()[query.seeds[preferences < 0]]).any()


def test_a_model_with_cells_is_opened_as_it_was_saved(tmp_path: Path) -> None:
    """The same recordings, in the same order."""
    trained().save(tmp_path)
    assert np.array_equal(best(Blend.load(tmp_path), listener(), 100), best(trained(), listener(), 100))


def test_a_fraction_of_the_recordings_is_looked_at() -> None:
    """Some thousand for each taste, as long as no more than some thousand are asked for."""
    (answer,), (longest,), (longer,) = (without_links().answers([listener()], k=k) for k in (100, LONGEST, LONGEST + 1))
    assert answer.rows is not None
    assert len(np.unique(answer.rows)) == len(answer.rows) == len(answer.scores) < 0.75 * N
    assert len(answer.rows) >= LOOKED_AT
    assert len(longest.scores) < N == len(longer.scores)


def test_chances_are_those_among_all_recordings() -> None:
    """What was not looked at is estimated: a list's scores mean the same, wherever the model has looked."""
    model = trained()
    for number in range(5):
        query = listener(seed=number)
        (few,), (everything,) = model.answers([query], k=100), replace(model, cells=None).answers([query])
        first = few.rows[np.argsort(-few.scores)[:100]]
        assert few.scores[np.argsort(-few.scores)[:100]] == pytest.approx(everything.scores[first], abs=0.2)


def test_what_may_not_be_recommended_takes_nobody_s_place() -> None:
    """Where little of what is likely may be recommended, the model looks further: as many are found as there are."""
    model, query = trained(), listener(n_styles=1)
    own = styles()[query.seeds[0]]
    others = styles() != own
    assert not np.isin(styles()[best(model, query, 500, others)], own).any()
    assert len(best(model, query, 500, others)) == 500
    few = np.zeros(N, bool)
    few[7::1000] = True
    assert np.array_equal(np.sort(best(model, query, 500, few)), np.setdiff1d(np.flatnonzero(few), query.seeds))


def test_many_seeds_leave_as_many_to_recommend() -> None:
    """A listener who has played most of what is likeliest gets the rest, and what comes after it."""
    model = trained()
    mine = np.flatnonzero(np.isin(styles(), (3, 4)))[:-50]
    found = best(model, Query(mine, np.ones(len(mine), np.float32)), 1000)
    assert len(found) == 1000
    assert not np.isin(found, mine).any()


def test_a_long_list_takes_all_recordings() -> None:
    """Who asks for more than is looked at gets the whole catalog in order."""
    query = listener()
    assert len(best(trained(), query, N)) == N - len(query.seeds)


def test_what_is_found_does_not_depend_on_who_else_is_asked_for() -> None:
    """Alone or among others: the same recordings, in the same order."""
    model, queries = trained(), [listener(seed=number) for number in range(9)]
    together = list(rank(model, queries, 100, None, model.artists, model.discount))
    for query, ranking in zip(queries, together, strict=True):
        assert np.array_equal(best(model, query, 100), ranking.rows)


@pytest.mark.parametrize("space", ["audio", "tags"])
def test_every_space_with_vectors_has_cells(space: str) -> None:
    """The best of one space are found as those of the blend are."""
    model = fit_model(space, place_by_content(catalog()), [])
    assert len(np.unique(model.first.cells)) > 1
    query = listener(5, 1)
    assert len(np.intersect1d(best(model, query, 100), best(replace(model, cells=None), query, 100))) >= 95


@pytest.mark.parametrize("space", ["genre", "artist"])
def test_a_space_without_dense_vectors_looks_at_everything(space: str) -> None:
    """There is nothing by which recordings could lie together."""
    model = fit_model(space, place_by_content(catalog()), [])
    (answer,) = model.answers([listener()], k=10)
    assert len(answer.scores) == N


def test_cells_are_the_same_on_every_run() -> None:
    """A model fitted again to the same recordings is the same."""
    first, second = (fit_model("audio", place_by_content(catalog()), []) for _ in range(2))
    assert first.cells is not None
    assert np.array_equal(first.cells, second.cells)
