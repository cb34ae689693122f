"""Variety: how it is measured, and how a list gets it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.preprocessing import normalize

from inference_pipeline.diversity import SoundScale, content_vectors, intra_list_similarity
from inference_pipeline.filters import Candidates
from inference_pipeline.genre_fit import GenreFit, calibration, wanted_genres
from inference_pipeline.rerank import CALIBRATION, DIVERSITY, choose_varied
from segue.groups import GRADUAL_FEATURES


def fit(shares: NDArray[np.float64], wanted: NDArray[np.float64]) -> GenreFit:
    """Return an empty list of candidates with these shares, shape (n, n_genres)."""
    places, codes = np.nonzero(shares)
    return GenreFit((places, codes, shares[places, codes]), wanted, len(shares))


def no_genres(n: int) -> GenreFit:
    """Return an empty list of candidates of whose genres nothing is known."""
    return fit(np.zeros((n, 1)), np.zeros(1))


def alone(n: int, length: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return `n` candidates as one group, of which `length` are wanted."""
    return np.zeros(n, np.intp), np.array([length])


def test_similarity_by_hand() -> None:
    """The mean cosine of the three pairs: 1, 0, 0; nothing to compare is 0."""
    assert intra_list_similarity(np.array([[1.0, 0], [1, 0], [0, 1]])) == pytest.approx(1 / 3)
    assert intra_list_similarity(np.array([[1.0, 0]])) == 0


def test_calibration_by_hand() -> None:
    """0 for the same shares; log(p / q̃) where a list holds one of two genres that are liked alike."""
    half = np.array([0.5, 0.5])
    assert calibration(half, half) == pytest.approx(0)
    expected = 0.5 * np.log(0.5 / 0.995) + 0.5 * np.log(0.5 / 0.005)
    assert calibration(np.array([1.0, 0.0]), half) == pytest.approx(expected)


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3), st.lists(st.floats(0.01, 1), min_size=3, max_size=3))
def test_calibration_is_a_divergence(listed: list[float], wanted: list[float]) -> None:
    """Never negative for shares that sum to 1."""
    q = (np.array(listed) + 1e-6) / (np.array(listed) + 1e-6).sum()
    assert calibration(q, np.array(wanted) / sum(wanted)) >= -1e-9


def test_wanted_genres_follow_what_is_liked() -> None:
    """By how much; a track shares its weight among its labels, and one without labels says nothing."""
    liked = Candidates.of(pd.DataFrame({"labels": ["rock;pop", "jazz", None]}))
    wanted = wanted_genres(liked, np.array([1.0, 0.5, 1.0]))
    found = {name: wanted[number] for name, number in liked.described.labels.numbers.items() if wanted[number]}
    assert found == pytest.approx({"jazz": 1 / 3, "pop": 1 / 3, "rock": 1 / 3})
    assert not wanted_genres(liked[np.array([2])], np.ones(1)).any()


def test_each_label_of_a_track_has_the_same_share_of_it() -> None:
    """However often it is named; the shares of what else it is are not given to others."""
    tracks = Candidates.of(pd.DataFrame({"labels": ["rock;polka", "", "rock;rock", None]}))
    places, codes, shares = tracks.genres
    rock = codes == tracks.described.labels.numbers["rock"]
    assert dict(zip(places[rock].tolist(), shares[rock].tolist(), strict=True)) == {0: 0.5, 2: 1.0}
    assert np.bincount(places, shares, minlength=4).tolist() == [1, 0, 1, 0]


def test_content_vectors_are_of_equal_parts() -> None:
    """The same genre and the opposite sound: half alike, half unlike."""
    frame = pd.DataFrame({name: [0.0, 1.0] for name in GRADUAL_FEATURES}).assign(labels="rock")
    vectors = content_vectors(Candidates.of(frame), SoundScale.of(frame))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)
    assert vectors[0] @ vectors[1] == pytest.approx(0)


def test_without_any_label_sound_alone_tells_apart() -> None:
    """Many tracks that few know have none."""
    frame = pd.DataFrame({name: [0.0, 1.0] for name in GRADUAL_FEATURES}).assign(labels="")
    vectors = content_vectors(Candidates.of(frame), SoundScale.of(frame))
    assert vectors[0] @ vectors[1] == pytest.approx(-1)


labels = st.lists(st.sampled_from(["rock", "pop", "jazz", "polka", ""]), max_size=3).map(";".join)


@given(st.lists(st.tuples(labels, st.sampled_from([0.0, 0.4, 1.0, None])), min_size=2, max_size=8))
def test_products_of_content_vectors_are_cosines(tracks: list[tuple[str, float | None]]) -> None:
    """Of two candidates with one another, as dense unit rows of both parts would have them."""
    frame = pd.DataFrame({name: [sound for _, sound in tracks] for name in GRADUAL_FEATURES}, dtype="float32")
    scale = SoundScale.of(frame)
    genres = np.array([[name in own.split(";") for name in ("rock", "pop", "jazz", "polka")] for own, _ in tracks])
    sound = np.nan_to_num((frame.to_numpy() - scale.means) / scale.deviations)
    whole = normalize(np.hstack([normalize(genres.astype(float)), normalize(sound)]))
    vectors = content_vectors(Candidates.of(frame.assign(labels=[own for own, _ in tracks])), scale)
    apart = ~np.eye(len(tracks), dtype=bool)
    np.testing.assert_allclose((vectors @ vectors.T)[apart], (whole @ whole.T)[apart], atol=1e-6)
    assert intra_list_similarity(vectors) == pytest.approx((whole @ whole.T)[apart].mean(), abs=1e-6)


def test_a_copy_of_what_is_chosen_comes_after_something_else() -> None:
    """Two copies and another one, nearly as good: the copy loses its place."""
    vectors = np.array([[1.0, 0], [1, 0], [0, 1]])
    assert choose_varied(vectors, no_genres(3), *alone(3, 2)).tolist() == [0, 2]


def test_genres_come_as_they_are_liked() -> None:
    """From a list that is nearly all rock, someone who likes both gets both."""
    shares = np.zeros((40, 2))
    shares[:, 0] = 1
    shares[20:30] = [0, 1]
    half = np.array([0.5, 0.5])
    chosen = choose_varied(np.eye(40), fit(shares, half), *alone(40, 10))
    assert calibration(shares[chosen].mean(axis=0), half) < calibration(shares[:10].mean(axis=0), half) / 5


@given(st.integers(0, 30), st.integers(1, 12), st.integers(0, 5))
def test_every_candidate_at_most_once_and_the_best_one_first(n: int, length: int, seed: int) -> None:
    """As many as asked for, or all there are; the same ones each time."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(n, 4))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    shares = np.eye(3)[random.integers(0, 3, n)]
    third = np.full(3, 1 / 3)
    chosen = choose_varied(vectors, fit(shares, third), *alone(n, length))
    assert len(set(chosen.tolist())) == len(chosen) == min(n, length)
    assert chosen[:1].tolist() == [0][:n]
    assert choose_varied(vectors, fit(shares, third), *alone(n, length)).tolist() == chosen.tolist()


def random_candidates(seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the vectors and the genre shares of 30 candidates, some without genres, and the wanted shares."""
    random = np.random.default_rng(seed)
    vectors = normalize(random.normal(size=(30, 4)))
    labeled = random.random((30, 6)) < 0.3
    shares = labeled / np.maximum(labeled.sum(axis=1, keepdims=True), 1)
    wanted = random.random(6) * (random.random(6) < 0.7)
    return vectors, shares, wanted / max(wanted.sum(), 1e-9)


@given(st.integers(0, 200))
def test_what_is_gained_is_what_the_divergence_loses(seed: int) -> None:
    """For each candidate, whatever is on the list: `calibration` before and after, times the tracks with genres."""
    _, shares, wanted = random_candidates(seed)
    shares = shares * (wanted > 0)
    genres, has = fit(shares, wanted), shares.any(axis=1)
    listed: list[int] = []
    for candidate in range(0, 30, 3):
        genres.add(candidate)
        listed += [candidate] if has[candidate] else []
        before = calibration(shares[listed].sum(axis=0) / max(len(listed), 1), wanted)
        after = [calibration(shares[[*listed, other]].sum(axis=0) / (len(listed) + 1), wanted) for other in range(30)]
        expected = len(listed) * np.where(has, before - np.array(after), 0)
        np.testing.assert_allclose(genres.gains(), expected, atol=1e-9)
        assert genres.divergence() == pytest.approx(before)


@given(st.integers(0, 200), st.integers(1, 30))
def test_each_choice_is_the_best_one(seed: int, length: int) -> None:
    """By rank, likeness to what is chosen and gain in genres, worked out from the beginning each time."""
    vectors, shares, wanted = random_candidates(seed)
    found = choose_varied(vectors, fit(shares, wanted), *alone(30, length)).tolist()
    for place in range(1, length):
        genres = fit(shares, wanted)
        for earlier in found[:place]:
            genres.add(earlier)
        likeness = (vectors @ vectors[found[:place]].T).mean(axis=1)
        worth = 1 - np.arange(30) / 30 - DIVERSITY * likeness + CALIBRATION * genres.gains()
        worth[found[:place]] = -np.inf
        assert worth[found[place]] >= worth.max() - 1e-9


@given(st.lists(st.integers(0, 1), max_size=30), st.integers(0, 8), st.integers(0, 8))
def test_each_group_has_as_many_as_asked_for(groups: list[int], first: int, second: int) -> None:
    """Or all of it, where it has fewer; a group never takes another's place."""
    of = np.array(groups, np.intp)
    chosen = choose_varied(np.eye(len(of)), no_genres(len(of)), of, np.array([first, second]))
    there = np.bincount(of, minlength=2)
    assert np.bincount(of[chosen], minlength=2).tolist() == np.minimum([first, second], there).tolist()
