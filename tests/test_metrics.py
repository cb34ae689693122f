"""The metrics, each on a case that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training_pipeline.measure import Measured, mean_and_interval, together
from training_pipeline.metrics.clicks import clicks
from training_pipeline.metrics.coverage import coverage
from training_pipeline.metrics.distinct_artists import distinct_artists
from training_pipeline.metrics.intra_list_similarity import intra_list_similarity
from training_pipeline.metrics.ndcg import ndcg
from training_pipeline.metrics.popularity import mean_popularity
from training_pipeline.metrics.r_precision import r_precision
from training_pipeline.metrics.recall import recall

RANKED = np.array([7, 1, 8, 2, 9])


def test_recall() -> None:
    """Of 1, 2, 3 and 4, the first three places hold only 1, and five places hold 1 and 2."""
    assert recall(RANKED, np.array([1, 2, 3, 4]), at=3) == 0.25
    assert recall(RANKED, np.array([1, 2, 3, 4]), at=5) == 0.5


def test_r_precision() -> None:
    """Two are hidden, so two places count: they hold 7 and 1."""
    assert r_precision(RANKED, np.array([1, 2])) == 0.5


def test_ndcg() -> None:
    """Hits at places 2 and 4 of a list that could have had them at 1 and 2: (.6309 + .4307) / (1 + .6309)."""
    assert ndcg(RANKED, np.array([1, 2]), at=5) == pytest.approx(0.6509, abs=1e-4)
    # More is hidden than the list can hold: two places, the second of them a hit: .6309 / 1.6309.
    assert ndcg(RANKED, np.array([1, 2, 3]), at=2) == pytest.approx(0.3869, abs=1e-4)


def test_ndcg_of_one_early_hit_is_not_perfect() -> None:
    """One of three hidden at the first place is 1 / (1 + .6309 + .5), not 1 as the challenge's rules print it."""
    assert ndcg(np.array([1, 8, 9]), np.array([1, 2, 3]), at=500) == pytest.approx(0.4693, abs=1e-4)


@pytest.mark.parametrize(("rank", "expected"), [(1, 0), (10, 0), (11, 1), (20, 1), (21, 2), (500, 49)])
def test_clicks(rank: int, expected: float) -> None:
    """Ten are shown; each click shows ten more."""
    ranked = np.arange(1, 501)
    assert clicks(ranked, np.array([rank]), at=500) == expected


def test_clicks_without_a_hit() -> None:
    """One more than any list of 500 can need, even where a hit comes right behind it."""
    assert clicks(np.arange(1, 600), np.array([501]), at=500) == 51
    assert clicks(np.empty(0, int), np.array([1]), at=500) == 51


def test_distinct_artists() -> None:
    """Rows 7, 1 and 8 are by artists 0, 1 and 0."""
    artists = np.array([5, 1, 5, 5, 5, 5, 5, 0, 0, 0])
    assert distinct_artists(RANKED, artists, at=3) == 2
    assert distinct_artists(RANKED, artists, at=5) == 3


def test_coverage() -> None:
    """Three recordings of ten are on a list, one of them on both."""
    assert coverage([np.array([1, 2]), np.array([2, 3])], 10) == 0.3
    assert coverage([], 10) == 0


def test_mean_popularity() -> None:
    """What has no popularity does not count; where nothing has, there is no mean."""
    percentiles = np.full(10, np.nan)
    percentiles[[7, 8]] = 0.2, 0.6
    assert mean_popularity(RANKED, percentiles, at=3) == pytest.approx(0.4)
    assert np.isnan(mean_popularity(RANKED[:0], percentiles, at=3))
    assert np.isnan(mean_popularity(RANKED[1:2], percentiles, at=3))


def test_intra_list_similarity() -> None:
    """Two equal vectors and one at right angles: of three pairs, one has cosine 1 and two have 0."""
    vectors = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    assert intra_list_similarity(np.array([0, 1, 2]), vectors, at=3) == pytest.approx(1 / 3)
    assert intra_list_similarity(np.array([0, 1, 3]), vectors, at=3) == pytest.approx((1 - 1 - 1) / 3)
    assert np.isnan(intra_list_similarity(np.array([0]), vectors, at=3))


@given(
    ranked=st.lists(st.integers(0, 60), unique=True, max_size=40),
    hidden=st.lists(st.integers(0, 60), unique=True, min_size=1, max_size=40),
)
def test_a_list_that_begins_with_what_is_hidden_is_perfect_and_no_other_is_better(
    ranked: list[int], hidden: list[int]
) -> None:
    """Recall, R-precision and NDCG lie between 0 and 1; the ideal list reaches 1, and needs no click."""
    answer, rest = np.array(hidden), np.array([row for row in ranked if row not in hidden], dtype=int)
    ideal = np.concatenate([answer, rest])
    assert recall(ideal, answer, at=500) == r_precision(ideal, answer) == 1
    assert ndcg(ideal, answer, at=500) == pytest.approx(1)
    assert clicks(ideal, answer, at=500) == 0
    found = np.array(ranked, dtype=int)
    assert 0 <= ndcg(found, answer, at=500) <= 1
    assert 0 <= r_precision(found, answer) <= recall(found, answer, at=500) <= 1
    assert 0 <= clicks(found, answer, at=500) <= 51


def test_the_interval_is_that_of_the_mean() -> None:
    """Four values 0, 0, 1, 1: mean ½, standard deviation ½, so 1.96 × ½ / √4; what is unknown does not count."""
    mean, interval = mean_and_interval(np.array([0.0, 0.0, 1.0, 1.0, np.nan]))
    assert (mean, interval) == (0.5, pytest.approx(0.49))
    assert np.isnan(mean_and_interval(np.array([np.nan]))).all()


def test_folds_count_together() -> None:
    """Each playlist counts once, whichever fold it was in."""
    first = Measured(pd.DataFrame({"clicks": [1.0, 2.0]}, index=["a", "b"]), 0.1)
    second = Measured(pd.DataFrame({"clicks": [6.0]}, index=["c"]), 0.3)
    summary = together([first, second]).summary()
    assert (summary["playlists"], summary["clicks"], summary["coverage_at_100"]) == (3, 3, pytest.approx(0.2))
