"""The order of a playlist."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_pipeline.filters import Candidates
from inference_pipeline.order import order_for_flow, path_length, step_sizes


def tracks(*rows: tuple[float | None, float | None, float | None, float | None]) -> Candidates:
    """Return tracks: tempo, energy, key (0 = C), mode (1 = major)."""
    return Candidates.of(pd.DataFrame(rows, columns=["tempo", "energy", "key", "mode"], dtype="float32"))


unknown = st.none()
track = st.tuples(
    unknown | st.floats(40, 220),
    unknown | st.floats(0, 1),
    unknown | st.integers(0, 11),
    unknown | st.integers(0, 1),
)


@pytest.mark.parametrize(
    ("one", "other", "step"),
    [
        ((120, 0.5, 0, 1), (120, 0.5, 0, 1), 0),
        ((120, 0.5, 0, 1), (60, 0.5, 0, 1), 0),  # half time
        ((120, 0.5, 0, 1), (120 * 2**0.5, 0.5, 0, 1), 1),  # half an octave, the farthest
        ((120, 0.5, 0, 1), (120, 0.9, 0, 1), 0.4),
        ((120, 0.5, 0, 1), (120, 0.5, 7, 1), 1 / 7),  # C to G, one fifth
        ((120, 0.5, 0, 1), (120, 0.5, 9, 0), 1 / 7),  # C major to A minor, its relative
        ((120, 0.5, 0, 1), (120, 0.5, 6, 1), 6 / 7),  # C to F sharp, across the circle
        ((120, 0.5, 0, 1), (None, None, None, None), 1.5),
    ],
)
def test_steps_by_hand(one: tuple, other: tuple, step: float) -> None:
    """Tempo in octaves, key on the circle of fifths, energy; the same both ways."""
    sizes = step_sizes(tracks(one, other))
    assert sizes[0, 1] == pytest.approx(step, abs=1e-6)
    assert sizes[1, 0] == pytest.approx(step, abs=1e-6)


@given(st.lists(track, max_size=12))
def test_every_track_once_and_the_first_one_first(rows: list) -> None:
    """An order is a permutation; the same tracks come in the same one."""
    order = order_for_flow(tracks(*rows))
    assert sorted(order.tolist()) == list(range(len(rows)))
    assert order[:1].tolist() == [0][: len(rows)]
    assert order_for_flow(tracks(*rows)).tolist() == order.tolist()


@given(st.lists(track, min_size=3, max_size=10), st.data())
def test_turning_any_part_around_makes_it_no_shorter(rows: list, data: st.DataObject) -> None:
    """The path is as good as 2-opt can make it."""
    steps = step_sizes(tracks(*rows))
    order = order_for_flow(tracks(*rows))
    start = data.draw(st.integers(1, len(rows) - 1))
    end = data.draw(st.integers(start, len(rows) - 1))
    turned = order.copy()
    turned[start : end + 1] = turned[start : end + 1][::-1]
    assert path_length(turned, steps) >= path_length(order, steps) - 1e-6


def test_tracks_along_a_line_come_along_the_line() -> None:
    """From slow to fast, whatever order they were in."""
    tempos = np.linspace(80, 110, 12)
    shuffled = np.concatenate([[0], np.random.default_rng(0).permutation(np.arange(1, 12))])
    order = order_for_flow(tracks(*((tempos[n], 0.5, 0, 1) for n in shuffled)))
    assert shuffled[order].tolist() == list(range(12))


@given(st.integers(0, 20))
def test_an_ordered_playlist_is_much_smoother_than_the_same_tracks_shuffled(seed: int) -> None:
    """The mean step of 50 tracks that know nothing of one another is less than half, and each part of it shrinks."""
    random = np.random.default_rng(seed)
    columns = [
        random.uniform(100, 140, 50),
        random.uniform(0, 1, 50),
        random.integers(0, 12, 50),
        random.integers(0, 2, 50),
    ]
    shuffled = tracks(*np.column_stack(columns).tolist())
    ordered = shuffled[order_for_flow(shuffled)]
    before, after = (np.diagonal(step_sizes(each), 1).mean() for each in (shuffled, ordered))
    assert after < before / 2
    for name in ("tempo", "energy"):
        assert np.abs(np.diff(ordered.column(name))).mean() < np.abs(np.diff(shuffled.column(name))).mean()
