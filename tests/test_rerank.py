"""Variety: how it is measured, and how a list gets it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from inference_pipeline.diversity import (
    SoundScale,
    calibration,
    content_vectors,
    intra_list_similarity,
    wanted_genres,
)
from inference_pipeline.filters import Candidates, Names
from inference_pipeline.rerank import choose_varied
from segue.groups import GRADUAL_FEATURES

NO_WISH = np.zeros(1)


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
    genres, wanted = wanted_genres(liked, np.array([1.0, 0.5, 1.0]))
    assert dict(zip(liked.described.labels.vocabulary[genres], wanted, strict=True)) == pytest.approx(
        {"jazz": 1 / 3, "pop": 1 / 3, "rock": 1 / 3}
    )


def test_shares_of_labels_that_nobody_asked_for_are_not_given_to_others() -> None:
    """Half of a track that is rock and polka is rock."""
    labels = Names.split(pd.Series(["rock;polka", "", "rock;rock", None]))
    rock = np.flatnonzero(labels.vocabulary == "rock")
    assert labels.shares(np.arange(4), rock).tolist() == [[0.5], [0.0], [1.0], [0.0]]


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


def test_a_copy_of_what_is_chosen_comes_after_something_else() -> None:
    """Two copies and another one, nearly as good: the copy loses its place."""
    vectors = np.array([[1.0, 0], [1, 0], [0, 1]])
    assert choose_varied(vectors, np.zeros((3, 1)), NO_WISH, *alone(3, 2)).tolist() == [0, 2]


def test_genres_come_as_they_are_liked() -> None:
    """From a list that is nearly all rock, someone who likes both gets both."""
    shares = np.zeros((40, 2))
    shares[:, 0] = 1
    shares[20:30] = [0, 1]
    half = np.array([0.5, 0.5])
    chosen = choose_varied(np.eye(40), shares, half, *alone(40, 10))
    assert calibration(shares[chosen].mean(axis=0), half) < calibration(shares[:10].mean(axis=0), half) / 5


@given(st.integers(0, 30), st.integers(1, 12), st.integers(0, 5))
def test_every_candidate_at_most_once_and_the_best_one_first(n: int, length: int, seed: int) -> None:
    """As many as asked for, or all there are; the same ones each time."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(n, 4))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    shares = np.eye(3)[random.integers(0, 3, n)]
    chosen = choose_varied(vectors, shares, np.full(3, 1 / 3), *alone(n, length))
    assert len(set(chosen.tolist())) == len(chosen) == min(n, length)
    assert chosen[:1].tolist() == [0][:n]
    assert choose_varied(vectors, shares, np.full(3, 1 / 3), *alone(n, length)).tolist() == chosen.tolist()


@given(st.lists(st.integers(0, 1), max_size=30), st.integers(0, 8), st.integers(0, 8))
def test_each_group_has_as_many_as_asked_for(groups: list[int], first: int, second: int) -> None:
    """Or all of it, where it has fewer; a group never takes another's place."""
    of = np.array(groups, np.intp)
    chosen = choose_varied(np.eye(len(of)), np.zeros((len(of), 1)), NO_WISH, of, np.array([first, second]))
    there = np.bincount(of, minlength=2)
    assert np.bincount(of[chosen], minlength=2).tolist() == np.minimum([first, second], there).tolist()
