"""The order of a playlist: from one track to the next without a break in tempo, key or energy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inference_pipeline.filters import Candidates

WEIGHTS = {"tempo": 1.0, "key": 1.0, "energy": 1.0}
UNKNOWN = 0.5
"""The step from or to a track whose value is missing: neither good nor bad."""
FIFTHS = 7
PITCHES = 12
MINOR_TO_RELATIVE_MAJOR = 3
SHORTEST_SWAP = 2
ROUNDING = 1e-9


def order_for_flow(tracks: Candidates) -> NDArray[np.intp]:
    """Return the positions of the tracks in an order that flows; the first track stays the first.

    A path by nearest neighbors, improved by turning parts of it around (2-opt) as long as that shortens it. The same
    tracks always come in the same order.

    Parameters
    ----------
    tracks : Candidates
        With the columns tempo, energy, key and mode.
    """
    steps = step_sizes(tracks)
    return _untangle(_nearest_first(steps), steps)


def path_length(order: NDArray[np.intp], steps: NDArray[np.float64]) -> float:
    """Return the sum of the steps of a path."""
    return float(steps[order[:-1], order[1:]].sum())


def step_sizes(tracks: Candidates) -> NDArray[np.float64]:
    """Return how large the step from each track to each other is, shape (n, n): symmetric, from 0 to 3.

    Tempo: the difference in octaves, where half and double time are the same, at most half an octave (then 1). Key:
    steps on the Camelot wheel, which is the circle of fifths with each minor key beside its relative major, at most 7
    (then 1). Energy: the difference. What is missing counts as 0.5.
    """
    tempo, energy, key, mode = (tracks.column(name).astype(np.float64) for name in ("tempo", "energy", "key", "mode"))
    octaves = _differences(np.log2(tempo))
    tempo_step = 2 * np.abs(octaves - np.round(octaves))
    wheel = np.mod((key + np.where(mode == 0, MINOR_TO_RELATIVE_MAJOR, 0)) * FIFTHS, PITCHES)
    apart = np.abs(_differences(wheel))
    key_step = (np.minimum(apart, PITCHES - apart) + np.abs(_differences(mode))) / FIFTHS
    steps = {"tempo": tempo_step, "key": key_step, "energy": np.abs(_differences(energy))}
    total = np.zeros((len(tracks), len(tracks)))
    for name, weight in WEIGHTS.items():
        total += weight * np.where(np.isnan(steps[name]), UNKNOWN, steps[name])
    np.fill_diagonal(total, 0)
    return total


def _differences(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(values[:, None] - values[None, :])


def _nearest_first(steps: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return a path from the first track to the nearest one that is left, and so on."""
    order = [0] if len(steps) else []
    # Adding infinity takes out what is on the path already.
    taken = np.zeros(len(steps))
    for _ in range(len(steps) - 1):
        taken[order[-1]] = np.inf
        order.append(int((steps[order[-1]] + taken).argmin()))
    return np.array(order, dtype=np.intp)


def _untangle(order: NDArray[np.intp], steps: NDArray[np.float64]) -> NDArray[np.intp]:
    """Turn around the part of the path that shortens it most, until none does."""
    n = len(order)
    if n <= SHORTEST_SWAP:
        return order
    # In the order of the path, with a step of no length after the last track.
    along = np.zeros((n, n + 1))
    along[:, :n] = steps[np.ix_(order, order)]
    upper = np.triu(np.ones((n - 1, n - 1)), 1)
    while True:
        edges = along.diagonal(1)
        # Turning i..j around replaces the edges before i and after j; there is none after the last track.
        gain = (along[:-1, 1:n] - edges[:-1, None]) + (along[1:, 2:] - edges[None, 1:])
        gain *= upper
        i, j = divmod(int(gain.argmin()), n - 1)
        if gain[i, j] > -ROUNDING:
            return order
        turned = slice(i + 1, j + 2)
        order[turned] = order[turned][::-1]
        along[turned] = along[turned][::-1]
        along[:, turned] = along[:, turned][:, ::-1]
