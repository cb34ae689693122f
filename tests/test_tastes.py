"""Listeners with several tastes, in a world of two islands and the water between them."""

from __future__ import annotations

import numpy as np
import pytest
from catalogs import made_up_tracks
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import log_softmax

from segue.models.blend import Blend
from segue.models.chances import Weights
from segue.models.content import Content, place_by_content
from segue.models.hybrid import blend
from segue.models.ranking import rank
from segue.models.recommender import Query
from segue.models.spaces.colisten.playlists import Playlists
from segue.models.spaces.cosine import CosineSpace
from segue.models.tastes import MOST_GROUPED, MOST_TASTES, SEEDS_A_TASTE, Taste, mix, split
from segue.models.vectors import seed_weights

ISLAND = 180
NORTH, SOUTH, WATER = 0, 1, 2
PLACES = np.repeat([NORTH, SOUTH, WATER], ISLAND)
N = len(PLACES)


@pytest.fixture(scope="module")
def content() -> Content:
    """Return two islands, of one genre each, and between them recordings of both; their sounds are random."""
    tracks = made_up_tracks(N)
    tracks["genres"] = np.array(["polka", "cumbia", "cumbia;polka"])[PLACES]
    tracks["year"], tracks["popularity"] = 2000, 50
    return place_by_content(tracks.set_index("track_id"))


@pytest.fixture(scope="module")
def model(content: Content) -> Blend:
    """Return the hybrid of that world."""
    return blend(content)


def visitor(north: int, south: int) -> Query:
    """Return a listener who likes so many recordings of each island."""
    seeds = np.concatenate([np.arange(north), ISLAND + np.arange(south)])
    return Query(seeds, np.ones(len(seeds), np.float32))


def listed(model: Blend, query: Query, k: int = 20) -> NDArray[np.intp]:
    """Return where the best `k` are."""
    (ranking,) = rank(model, [query], k)
    return PLACES[ranking.rows]


def test_both_islands_are_served(model: Blend) -> None:
    """A listener of both gets some of each, and nothing of what lies between."""
    counts = np.bincount(listed(model, visitor(20, 20)), minlength=3)
    assert counts[WATER] == 0
    assert counts[[NORTH, SOUTH]].min() >= 4


def test_too_few_seeds_are_one_taste(model: Blend) -> None:
    """What little they say is said together: their centroid is in the water."""
    assert set(listed(model, visitor(7, 7))) == {WATER}
    assert len(model.first.tastes(visitor(SEEDS_A_TASTE, SEEDS_A_TASTE - 1))) == 1
    assert len(model.first.tastes(visitor(SEEDS_A_TASTE, SEEDS_A_TASTE))) == 2


def test_one_taste_is_scored_as_it_was(model: Blend) -> None:
    """The score is the sum of all that the seeds add, up to a constant."""
    query = visitor(9, 9)
    summed = np.sum(list(model.terms(query, np.arange(N)).values()), axis=(0, 2))
    assert model.scores([query])[0] == pytest.approx(log_softmax(summed), abs=1e-5)


def test_the_tastes_are_the_islands(model: Blend) -> None:
    """Each island's seeds are together."""
    tastes = model.first.tastes(visitor(18, 14))
    assert sorted(set(PLACES[taste.query.seeds]) for taste in tastes) == [{NORTH}, {SOUTH}]
    assert sorted(taste.share for taste in tastes) == pytest.approx([14 / 32, 18 / 32])


def test_a_batch_is_answered_one_by_one(model: Blend) -> None:
    """Listeners of one taste and of several, together or alone, get the same scores."""
    queries = [visitor(3, 0), visitor(24, 16), visitor(0, 9), visitor(40, 30)]
    alone = np.concatenate([model.scores([query]) for query in queries])
    assert model.scores(queries) == pytest.approx(alone, abs=1e-5)


def test_the_reason_comes_from_the_row_s_own_island(model: Blend) -> None:
    """The seeds that add most are of the island that a row is on; those of the other add nothing at all."""
    query = visitor(24, 16)
    rows = np.array([50, 179, 230, 359])
    terms = model.terms(query, rows)
    summed = np.sum(list(terms.values()), axis=0)
    for row, seeds_terms in zip(rows, summed, strict=True):
        own = PLACES[query.seeds] == PLACES[row]
        assert (seeds_terms[own] > 0).all()
        assert all((values[rows == row][:, ~own] == 0).all() for values in terms.values())


def test_the_reason_is_that_of_the_taste_which_explains_a_row_most(model: Blend) -> None:
    """Each row has the terms of one taste alone, the one whose terms sum highest, disliked seeds included."""
    liked = visitor(24, 16)
    others = np.array([120, ISLAND + 120])
    query = Query(np.append(others, liked.seeds), np.append([-0.5, -1], liked.preferences).astype(np.float32))
    rows = np.arange(50, N, 7)
    tastes = model.first.tastes(query)
    assert len(tastes) == 2
    found = np.array(list(model.terms(query, rows).values()))
    of_tastes = np.zeros((len(tastes), *found.shape), np.float32)
    for own, taste in zip(of_tastes, tastes, strict=True):
        own[:, :, taste.places] = list(model.terms(taste.query, rows).values())
    best = of_tastes.sum(axis=(1, 3)).argmax(axis=0)
    assert set(best) == {0, 1}
    assert found == pytest.approx(np.stack([of_tastes[taste, :, row] for row, taste in enumerate(best)], 1), abs=1e-5)


def test_several_listeners_terms_are_those_of_each_alone(content: Content) -> None:
    """In every space they sum to the scores, whoever else is asked for."""
    lists = [np.arange(start, start + 12) for start in range(0, N - 12, 5)]
    random = np.random.default_rng(4)
    seeds, rows = random.choice(N, 20, replace=False), np.arange(0, N, 3)
    preferences = random.uniform(-0.4, 1, (3, 20)).astype(np.float32)
    preferences[1, :7] = 0
    weights = preferences / np.abs(preferences).sum(axis=1, keepdims=True)
    queries = [Query(seeds, own) for own in preferences]
    for space in blend(content, Playlists.of(lists, N)).spaces.values():
        terms = space.terms(seeds, weights, rows)
        alone = np.concatenate([space.terms(seeds, own[None], rows) for own in weights])
        assert terms == pytest.approx(alone, abs=1e-5)
        assert terms.sum(axis=2) == pytest.approx(space.scores(seed_weights(queries, N))[:, rows], abs=1e-4)


def test_a_dislike_counts_against_every_taste(model: Blend) -> None:
    """On both islands, the artist of disliked recordings falls behind all others."""
    liked = visitor(40, 40)
    others = np.array([120, 121, ISLAND + 120, ISLAND + 121])
    torn = Query(np.append(others, liked.seeds), np.append(-np.ones(4), liked.preferences).astype(np.float32))
    assert all(np.isin(others, taste.query.seeds).all() for taste in model.first.tastes(torn))
    plain, pushed = model.scores([liked, torn])
    change = pushed - plain
    for disliked in others:
        island, mates = PLACES[disliked] == PLACES, model.artists[disliked] == model.artists
        assert change[island & mates].max() < change[island & ~mates].min()


def test_chances_still_sum_to_one(content: Content) -> None:
    """With playlists, what is scored is a distribution, for any number of tastes."""
    generator = np.random.default_rng(0)
    lists = [np.sort(generator.choice(ISLAND, 30, replace=False) + ISLAND * (number % 2)) for number in range(40)]
    known = {"genre": 2.0, "als": 1.0, "embedding": 2.0}
    model = blend(content, Playlists.of(lists, N), Weights({"genre": 2.0, "embedding": 1.0}, known))
    query = visitor(30, 30)
    assert len(model.first.tastes(query)) > 1
    assert np.exp(model.scores([query])[0].astype(np.float64)).sum() == pytest.approx(1, abs=1e-4)


class Angles(CosineSpace):
    """Recordings around a circle."""

    def __init__(self, n: int = 90) -> None:
        angles = np.random.default_rng(5).uniform(0, 2 * np.pi, n)
        self.place(np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32))


preferences = st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=90)


def test_a_taste_that_hardly_counts_is_a_taste(model: Blend) -> None:
    """Preferences next to nothing leave a share that single precision rounds to none."""
    query = visitor(40, 2)
    hardly = Query(query.seeds, np.where(query.seeds < ISLAND, 1, 1e-45).astype(np.float32))
    assert set(PLACES[listed(model, hardly)]) == {NORTH}


@given(preferences, st.randoms(use_true_random=False))
def test_the_order_of_the_seeds_does_not_matter(liked: list[float], random: object) -> None:
    """The same tastes come out, in the same order."""
    order = np.array(random.sample(range(len(liked)), len(liked)))  # type: ignore[attr-defined] # random.Random
    values = np.array(liked, np.float32)
    found = split(Query(np.arange(len(liked)), values), [(1.0, Angles())])
    shuffled = split(Query(order, values[order]), [(1.0, Angles())])
    assert [set(taste.query.seeds) for taste in found] == [set(taste.query.seeds) for taste in shuffled]
    assert [taste.share for taste in found] == pytest.approx([taste.share for taste in shuffled])


@given(preferences)
def test_the_parts_add_up_to_the_whole(liked: list[float]) -> None:
    """Each liked seed is in one taste, each other one in all; shares and preferences sum to what they were."""
    query = Query(np.arange(len(liked))[::-1].copy(), np.array(liked, np.float32))
    tastes = split(query, [(1.0, Angles())])
    total = np.zeros(len(liked))
    for taste in tastes:
        assert (query.seeds[taste.places] == taste.query.seeds).all()
        total[taste.places] += taste.query.preferences
    assert total == pytest.approx(query.preferences, abs=1e-5)
    assert sum(taste.share for taste in tastes) == pytest.approx(1)
    n_liked = int((query.preferences > 0).sum())
    assert 1 <= len(tastes) <= min(MOST_TASTES, max(1, n_liked // SEEDS_A_TASTE))


def test_seeds_that_nothing_is_known_of_are_one_taste() -> None:
    """Where all are alike there is nothing to tell apart."""
    space = Angles()
    space.place(np.zeros((40, 2), np.float32))
    assert len(split(Query(np.arange(40), np.ones(40, np.float32)), [(1.0, space)])) == 1
    assert len(split(Query(np.arange(40), np.ones(40, np.float32)), [])) == 1


def narrow_and_wide() -> tuple[NDArray[np.float32], list[Taste]]:
    """Return log chances of all, of a taste for 120 rows and of one for 2,000 others, each of half the seeds."""
    falling = -0.6 * np.log(np.arange(1, 2001))
    scores = np.full((3, 2120), -20, np.float32)
    scores[1, :120], scores[2, 120:] = falling[:120], falling
    scores[0] = np.logaddexp(scores[1], scores[2])
    scores = log_softmax(scores, axis=1)
    nothing = Query(np.empty(0, np.intp), np.empty(0, np.float32))
    return scores, [Taste(0.5, nothing, np.empty(0, np.intp)) for _ in range(2)]


def test_a_narrow_taste_does_not_drown_a_wide_one() -> None:
    """The wide one gets more of the first hundred tracks than its chances alone would give it, and at most half."""
    scores, tastes = narrow_and_wide()
    mixed = mix(scores, tastes, np.zeros(2120, bool))
    by_chance, found = (np.argsort(-one)[:100] >= 120 for one in (np.logaddexp(*scores[1:]), mixed))
    assert 0 < 1.5 * by_chance.sum() <= found.sum() <= 50


def test_a_mixture_of_distributions_is_one() -> None:
    """The chances of all recordings sum to 1."""
    scores, tastes = narrow_and_wide()
    assert np.exp(mix(scores, tastes, np.zeros(2120, bool))).sum() == pytest.approx(1, abs=1e-4)


def test_thousands_of_seeds_go_to_the_nearest_group() -> None:
    """Beyond the most liked that are grouped, each seed is with those of its own side."""
    random = np.random.default_rng(2)
    n = 4 * MOST_GROUPED
    side = random.integers(0, 2, n) * np.pi
    space = Angles()
    angles = side + random.uniform(-0.5, 0.5, n)
    space.place(np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32))
    tastes = split(Query(np.arange(n), random.uniform(0.1, 1, n).astype(np.float32)), [(1.0, space)])
    assert sorted(place for taste in tastes for place in taste.places) == list(range(n))
    assert all(len(set(side[taste.query.seeds])) == 1 for taste in tastes)


def test_the_farthest_recordings_keep_their_order() -> None:
    """Chances too small for single precision are mixed as exactly as others."""
    random = np.random.default_rng(3)
    scores = -np.sort(random.uniform(0, 400, (3, 600)).astype(np.float32), axis=1)
    nothing = Query(np.empty(0, np.intp), np.empty(0, np.float32))
    mixed = mix(scores, [Taste(share, nothing, np.empty(0, np.intp)) for share in (0.3, 0.7)], np.zeros(600, bool))
    assert np.isfinite(mixed).all()
    assert (np.diff(mixed) <= 0).all()
    assert mixed[-1] < -300
