"""The co-listening space is the KNN regressor over a neighbor graph; content spaces are its limit."""

from __future__ import annotations

import numpy as np
import pytest
from catalogs import made_up_tracks
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import KNeighborsRegressor

from segue.models import neighbors_fitting
from segue.models.content import place_by_content
from segue.models.knn import PreferenceKNN
from segue.models.neighbors_fitting import BACKGROUNDS, NEIGHBORS, fit_neighbors
from segue.models.recommender import Query
from segue.models.spaces.colisten.als import AlsSpace
from segue.models.spaces.colisten.neighbors import NeighborsSpace, co_listening_graph
from segue.models.spaces.colisten.playlists import Playlists
from segue.models.spaces.cosine import CosineSpace
from segue.models.vectors import dense, seed_weights

N = 60
PLAYED = np.arange(0, N, 3)


def lists(seed: int, count: int = 40, length: int = 8) -> list[np.ndarray]:
    """Return playlists of the even recordings among `N`."""
    random = np.random.default_rng(seed)
    return [np.sort(random.choice(np.arange(0, N, 2), length, replace=False)) for _ in range(count)]


def test_nearness_is_shared_playlists_of_which_long_ones_and_hits_count_less() -> None:
    """Worked out by hand: playlists {0, 1}, {0, 1, 2} and {3}, of 5 recordings."""
    playlists = Playlists.of([np.array([0, 1]), np.array([0, 1, 2]), np.array([3])], 5)
    expected = np.zeros((4, 4))
    expected[0, 2] = expected[2, 0] = expected[1, 2] = expected[2, 1] = (1 / 3) / 2**0.25
    expected[0, 1] = expected[1, 0] = (1 / 2 + 1 / 3) / (2 * 2) ** 0.25
    assert co_listening_graph(playlists, None).toarray() == pytest.approx(expected)
    nearest = co_listening_graph(playlists, 1).toarray()
    assert [np.flatnonzero(row).tolist() for row in nearest] == [[1], [0], [0], []]


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 999), st.integers(1, 28), st.floats(0.1, 100))
def test_it_predicts_what_the_regressor_does(seed: int, k: int, background: float) -> None:
    """Its scores are logarithms of the shares of what `PreferenceKNN` predicts from the listener's preferences."""
    playlists = Playlists.of(lists(seed), N)
    space = NeighborsSpace(k, background).fit(playlists)
    query = Query(PLAYED, np.linspace(0.1, 1, len(PLAYED), dtype=np.float32))
    preferences = np.zeros(N)
    preferences[PLAYED] = query.preferences
    everything = co_listening_graph(playlists, None)
    regressor = PreferenceKNN(k, space.background_, metric="precomputed").fit(everything, preferences[playlists.known])
    predicted = regressor.predict(everything)
    expected = np.zeros(N)
    expected[playlists.known] = np.log1p(N * predicted / predicted.sum())
    assert space.scores(seed_weights([query], N))[0] == pytest.approx(expected, abs=1e-4)


def test_without_background_it_is_scikit_learns_regressor_on_the_graph() -> None:
    """Of which it ranks the predictions, where everybody has at least k neighbors."""
    playlists = Playlists.of(lists(0, count=80, length=15), N)
    space = NeighborsSpace(5, 0.0).fit(playlists)
    weights = space.graph_.toarray().astype(np.float64)
    liked = np.isin(playlists.known, PLAYED).astype(float)
    reference = KNeighborsRegressor(5, metric="precomputed", weights=lambda distance: 1 / distance)
    far = 1 / np.where(weights == 0, 1e-9, weights)
    expected = reference.fit(far, liked).predict(far)
    scores = space.scores(seed_weights([Query(PLAYED, np.ones(len(PLAYED), np.float32))], N))[0, playlists.known]
    assert np.expm1(scores) / np.expm1(scores).sum() == pytest.approx(expected / expected.sum(), abs=1e-5)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 999), st.none() | st.integers(1, 28))
def test_terms_sum_to_the_score(seed: int, k: int | None) -> None:
    """For recordings and seeds that playlists know or not, liked or disliked."""
    space = NeighborsSpace(k, 10.0).fit(Playlists.of(lists(seed), N))
    random = np.random.default_rng(seed)
    seeds, preferences = random.choice(N, 9, replace=False), random.uniform(-0.3, 1, (2, 9)).astype(np.float32)
    weights = preferences / np.abs(preferences).sum(axis=1, keepdims=True)
    terms = space.terms(seeds, weights, np.arange(N))
    scores = space.scores(seed_weights([Query(seeds, own) for own in preferences], N))
    assert terms.sum(axis=2) == pytest.approx(scores, abs=1e-4)
    assert not scores[:, 1::2].any()


def test_listeners_do_not_change_one_another() -> None:
    """Many at once get what each gets alone, those of whom the playlists know nothing included."""
    space = NeighborsSpace(10).fit(Playlists.of(lists(1), N))
    queries = [Query(np.array(seeds), np.ones(len(seeds), np.float32)) for seeds in ([0, 2], [1, 3], [4, 5, 6])]
    together = space.scores(seed_weights(queries, N))
    alone = [space.scores(seed_weights([query], N))[0] for query in queries]
    assert together == pytest.approx(np.array(alone), abs=1e-6)
    assert not together[1].any()


def test_parameters_are_chosen_the_same_way_each_time() -> None:
    """From those that there are; with too few playlists to tell, the default."""
    first, second = fit_neighbors(lists(2, length=20), N), fit_neighbors(lists(2, length=20), N)
    assert first.get_params() == second.get_params()
    assert first.n_neighbors in NEIGHBORS
    assert first.background in BACKGROUNDS
    assert not hasattr(first, "graph_")
    assert fit_neighbors([], N).get_params() == NeighborsSpace().get_params()
    assert fit_neighbors([np.arange(3)] * 20, N).get_params() == NeighborsSpace().get_params()


def test_of_equally_good_choices_the_fewest_neighbors_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all that is hidden is among the nearest, whatever the graph keeps."""
    islands = [np.arange(start, start + 12) for start in range(0, 48, 12) for _ in range(10)]
    monkeypatch.setattr(neighbors_fitting, "LISTED", 6)
    assert fit_neighbors(islands, N).n_neighbors == NEIGHBORS[0]


def test_collections_too_large_to_keep_all_neighbors_keep_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The graph of all would fill the memory."""
    monkeypatch.setattr(neighbors_fitting, "MOST_PAIRS", 10)
    assert fit_neighbors(lists(3, length=20), N).n_neighbors is not None
    assert fit_neighbors([np.arange(4)], N).n_neighbors is not None


@pytest.mark.parametrize("name", ["audio", "genre", "tags", "artist"])
def test_content_spaces_rank_as_the_regressor_with_all_seeds_and_a_large_background(name: str) -> None:
    """Of liked seeds and disliked ones: so the hybrid is a sum of KNN regressors, each in its own space."""
    tracks = made_up_tracks(90).assign(genres=[f"g{number % 7};h{number % 5}" for number in range(90)])
    space = place_by_content(tracks.set_index("track_id")).spaces[name]
    assert isinstance(space, CosineSpace)
    vectors, liked = dense(space.vectors_).astype(np.float64), np.array([1.0, 0.4, -0.6, 0.8])
    seeds = np.array([3, 40, 77, 5])
    predicted = PreferenceKNN(background=1e6).fit(vectors[seeds], liked).predict(vectors)
    scores = space.scores(seed_weights([Query(seeds, liked)], 90))[0].astype(np.float64)
    # Twice the sum of weights times preferences, without what is the same for every recording.
    cosines = (2e6 * predicted - liked.sum()) / np.abs(liked).sum()
    expected = np.sqrt(np.abs(cosines)) * np.sign(cosines) if name == "artist" else cosines
    assert scores == pytest.approx(expected, abs=3e-3 if name == "artist" else 1e-5)
    order, nearer = np.argsort(cosines), np.diff(np.sort(cosines)) > 1e-4
    assert (np.diff(scores[order])[nearer] > 0).all()


@pytest.mark.parametrize("n_seeds", [1, 3, 23, 24, 28])
def test_a_listener_s_factors_solve_the_equations_of_least_squares(n_seeds: int) -> None:
    """Those of Hu, Koren and Volinsky, for fewer seeds than factors as for more."""
    playlists = Playlists.of(lists(4), N)
    space = AlsSpace().fit(playlists)
    query = Query(playlists.known[:n_seeds], np.linspace(1, 0.1, n_seeds, dtype=np.float32))
    seen, confidence = space.at(query.seeds).astype(np.float64), space.confidence * query.preferences[:, None]
    factors = space.listeners(seed_weights([query], N))[0]
    left = (space.gram_ + seen.T @ (confidence * seen)) @ factors
    assert left == pytest.approx(((1 + confidence) * seen).sum(axis=0), abs=1e-4)
