"""The KNN regressor: defined by scikit-learn's own, where both apply."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.neighbors import KNeighborsRegressor
from sklearn.utils.estimator_checks import check_estimator

from segue.models.knn import PreferenceKNN

SEEDS = st.integers(0, 10_000)


def listening(seed: int, n_seeds: int, d: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return vectors of a listener's tracks, their preferences, and vectors of candidates."""
    generator = np.random.default_rng(seed)
    return generator.normal(size=(n_seeds, d)), generator.uniform(-1, 1, n_seeds), generator.normal(size=(9, d))


@settings(deadline=None)
@given(SEEDS, st.integers(1, 30), st.data())
def test_it_equals_scikit_learns_regressor(seed: int, n_seeds: int, data: st.DataObject) -> None:
    """Without a background it is KNeighborsRegressor with cosine distance and weights (1 + cos) / 2, for every k."""
    tracks, liked, candidates = listening(seed, n_seeds)
    k = data.draw(st.integers(1, n_seeds))
    reference = KNeighborsRegressor(n_neighbors=k, metric="cosine", weights=lambda distance: 1 - distance / 2)
    expected = reference.fit(tracks, liked).predict(candidates)
    ours = PreferenceKNN(n_neighbors=k, background=0).fit(tracks, liked)
    assert np.allclose(ours.predict(candidates), expected)
    if k == n_seeds:
        assert np.allclose(clone(ours).set_params(n_neighbors=None).fit(tracks, liked).predict(candidates), expected)


@settings(deadline=None)
@given(SEEDS, st.integers(1, 20), st.none() | st.integers(1, 25), st.floats(0.01, 1000))
def test_a_prediction_is_its_contributions_over_the_weights(
    seed: int, n_seeds: int, k: int | None, background: float
) -> None:
    """The terms that reasons are made of add up to the prediction, by the formula of the docstring."""
    tracks, liked, candidates = listening(seed, n_seeds)
    model = PreferenceKNN(n_neighbors=k, background=background).fit(tracks, liked)
    weights = (
        PreferenceKNN(n_neighbors=k, background=background).fit(tracks, np.ones(n_seeds)).contributions(candidates)
    )
    assert ((weights > 0).sum(axis=1) == min(k or n_seeds, n_seeds)).all()
    assert np.allclose(model.contributions(candidates), weights * liked)
    expected = (weights * liked).sum(axis=1) / (background + weights.sum(axis=1))
    assert np.allclose(model.predict(candidates), expected)


@settings(deadline=None)
@given(SEEDS, st.integers(1, 20), st.floats(0.1, 10))
def test_a_background_draws_towards_zero(seed: int, n_seeds: int, background: float) -> None:
    """The less is known, the nearer to no opinion; and a preference is never exceeded."""
    tracks, liked, candidates = listening(seed, n_seeds)
    bare, drawn = (PreferenceKNN(background=value).fit(tracks, liked).predict(candidates) for value in (0, background))
    assert (np.abs(drawn) <= np.abs(bare) + 1e-12).all()
    assert (np.abs(bare) <= np.abs(liked).max() + 1e-12).all()


@settings(deadline=None)
@given(SEEDS, st.integers(2, 25), st.booleans(), st.data())
def test_on_precomputed_weights_it_equals_scikit_learns_regressor(
    seed: int, n_seeds: int, sparse: bool, data: st.DataObject
) -> None:
    """With metric="precomputed" too, whose distances are ours of weights: 1 - w; dense or sparse, several listeners."""
    generator = np.random.default_rng(seed)
    square, weights = generator.uniform(0.01, 1, (n_seeds, n_seeds)), generator.uniform(0.01, 1, (7, n_seeds))
    liked = generator.uniform(-1, 1, (n_seeds, 3))
    k = data.draw(st.integers(1, n_seeds))
    reference = KNeighborsRegressor(n_neighbors=k, metric="precomputed", weights=lambda distance: 1 - distance)
    expected = reference.fit(1 - square, liked).predict(1 - weights)
    given = (sp.csr_array(square), sp.csr_array(liked), sp.csr_array(weights)) if sparse else (square, liked, weights)
    ours = PreferenceKNN(n_neighbors=k, background=0, metric="precomputed").fit(*given[:2])
    predicted = ours.predict(given[2])
    assert np.allclose(predicted.toarray() if sparse else predicted, expected)


def test_what_a_graph_does_not_store_weighs_nothing() -> None:
    """A recording without neighbors is no opinion; one with a single neighbor is drawn to 0 by the background."""
    graph = sp.csr_array(np.array([[0, 3.0, 0], [3, 0, 0], [0, 0, 0]]))
    model = PreferenceKNN(background=1, metric="precomputed").fit(graph, [1.0, 0.0, 0.5])
    assert model.predict(graph).tolist() == [0, 0.75, 0]


@pytest.mark.parametrize("k", [None, 3])
def test_many_listeners_at_once_get_what_each_gets_alone(k: int | None) -> None:
    """One fit to a column of preferences for each is only faster."""
    tracks, _, candidates = listening(2, 30)
    liked = np.random.default_rng(0).uniform(-1, 1, (30, 4))
    together = PreferenceKNN(n_neighbors=k, background=2).fit(tracks, liked).predict(candidates)
    alone = [PreferenceKNN(n_neighbors=k, background=2).fit(tracks, one).predict(candidates) for one in liked.T]
    assert np.allclose(together, np.transpose(alone))


def test_only_the_direction_counts() -> None:
    """Longer vectors of the same direction are the same tracks."""
    tracks, liked, candidates = listening(5, 8)
    model = PreferenceKNN().fit(tracks, liked)
    assert np.allclose(PreferenceKNN().fit(tracks * 7, liked).predict(candidates / 3), model.predict(candidates))


def test_a_disliked_track_pushes_its_likes_down() -> None:
    """A negative preference counts as one."""
    model = PreferenceKNN().fit([[1.0, 0.0], [0.0, 1.0]], [1.0, -1.0])
    near_liked, near_disliked = model.predict([[1.0, 0.1], [0.1, 1.0]])
    assert near_liked > 0 > near_disliked


def test_nothing_known_is_no_opinion() -> None:
    """The exact opposite of the only seed weighs nothing; without a background that is 0, not a division by it."""
    assert PreferenceKNN(background=0).fit([[1.0, 0.0]], [1.0]).predict([[-1.0, 0.0]]).tolist() == [0.0]


@pytest.mark.parametrize("parameters", [{"n_neighbors": 0}, {"background": -0.1}, {"metric": "euclidean"}])
def test_parameters_out_of_range_are_refused(parameters: dict[str, Any]) -> None:
    """As scikit-learn does it: when fitting, by a ValueError that names the parameter."""
    with pytest.raises(ValueError, match=next(iter(parameters))):
        PreferenceKNN(**parameters).fit([[1.0]], [1.0])


def test_precomputed_weights_are_square() -> None:
    """As scikit-learn's are."""
    with pytest.raises(ValueError, match=r"square.*\(2, 3\)"):
        PreferenceKNN(metric="precomputed").fit(np.ones((2, 3)), [1.0, 0.0])


def test_it_can_be_cloned_and_pickled() -> None:
    """A clone has the parameters and nothing learned; a pickle predicts the same."""
    tracks, liked, candidates = listening(6, 5)
    model = PreferenceKNN(n_neighbors=2, background=3.0).fit(tracks, liked)
    assert clone(model).get_params() == {"n_neighbors": 2, "background": 3.0, "metric": "cosine"}
    assert not hasattr(clone(model), "seeds_")
    restored = pickle.loads(pickle.dumps(model))  # noqa: S301 - pickled here
    assert np.array_equal(restored.predict(candidates), model.predict(candidates))


@pytest.mark.parametrize("model", [PreferenceKNN(), PreferenceKNN(n_neighbors=3), PreferenceKNN(background=0)], ids=str)
def test_it_is_a_scikit_learn_estimator(model: PreferenceKNN) -> None:
    """It passes every check but the one of other array libraries, which scikit-learn skips unless they are set up."""
    results = check_estimator(model, on_skip=None)
    assert {result["check_name"] for result in results if result["status"] != "passed"} <= {"check_array_api_input"}
