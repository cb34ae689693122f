"""Recordings that share their weights, laid out so that listeners are scored in few passes over memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segue.models.spaces.density_ratio import DensityRatioSpace
from segue.models.spaces.space import LinearSpace, PlacedSpace, Space
from segue.models.vectors import Sparse, Vectors, gather, products

# Seeds that are neither known nor unknown to playlists, as it were, so that neither side is ever impossible.
PSEUDO_SEEDS = 0.1
Heard = Mapping[str, Any]
"""What each space makes of the listeners, by its name: an array or a sparse array, a row for each listener."""


def hear(space: Space, weights: Sparse) -> Vectors | Sparse:
    """Return what a space makes of the listeners: their vectors, their scores by place, or what scores there are."""
    if isinstance(space, LinearSpace):
        return space.listeners(weights)
    return space.table(weights) if isinstance(space, PlacedSpace) else space.sparse_scores(weights)


def row_of(heard: Vectors | Sparse, row: int) -> Vectors | Sparse:
    """Return one listener's row; of a sparse array it stays one of a single row."""
    return heard[row] if isinstance(heard, np.ndarray) else heard[[row]]


def heard_at(space: Space, heard: Any, rows: NDArray[np.intp]) -> Vectors:
    """Return the scores of `rows`, shape (len(rows),): from one listener's row of what `hear` returned."""
    if isinstance(space, LinearSpace):
        return np.asarray(space.at(rows) @ heard, np.float32)
    if isinstance(space, PlacedSpace):
        return np.asarray(heard[space.places_[rows]], np.float32)
    return np.asarray(heard.toarray()[0, rows], np.float32)


@dataclass(frozen=True)
class Joint:
    """Spaces that have places, as one space: its places are the combinations that occur.

    Attributes
    ----------
    parts : mapping of str to ndarray of int, shape (m,)
        The place of each combination in each space.
    places : ndarray of int, shape (n,)
        The combination of each recording.
    """

    parts: Mapping[str, NDArray[np.integer]]
    places: NDArray[np.intp]

    @classmethod
    def of(cls, spaces: Mapping[str, PlacedSpace], rows: NDArray[np.intp]) -> Joint:
        """Join spaces for the recordings at `rows`."""
        each = {name: space.places_[rows] for name, space in spaces.items()}
        # Two at a time, so that numbers stay small however many spaces there are.
        codes = reduce(_pairs, each.values())
        _, first, places = np.unique(codes, return_index=True, return_inverse=True)
        return cls({name: own[first] for name, own in each.items()}, places)

    def scores(self, heard: Heard, weights: Mapping[str, float]) -> Vectors:
        """Return the weighted sums, shape (q, n)."""
        tables = [np.float32(weights[name]) * heard[name][:, part] for name, part in self.parts.items()]
        return gather(sum(tables[1:], start=tables[0]), self.places)


@dataclass(frozen=True)
class World:
    """Recordings that share their weights.

    Attributes
    ----------
    rows : ndarray of int, shape (n,)
        Their rows in the model.
    weights : mapping of str to float
        Of the spaces that count here, by name.
    linear, sparse : sequence of str
        The names of those whose vectors are in `vectors`, and of those that score few recordings.
    vectors : ndarray of float32, shape (n, d)
        The recordings' vectors in the linear spaces, side by side.
    joints : sequence of Joint
        The spaces that have places.
    columns : ndarray of int, shape (all recordings,)
        Where each recording is in `rows`; -1 where it is not.
    """

    rows: NDArray[np.intp]
    weights: Mapping[str, float]
    linear: Sequence[str]
    sparse: Sequence[str]
    vectors: Vectors
    joints: Sequence[Joint]
    columns: NDArray[np.intp]

    @classmethod
    def of(cls, spaces: Mapping[str, Space], weights: Mapping[str, float], rows: NDArray[np.intp], n: int) -> World:
        """Lay out the recordings at `rows`, of `n` in all."""
        used = {name: space for name, space in spaces.items() if weights.get(name)}
        linear = {name: space for name, space in used.items() if isinstance(space, LinearSpace)}
        placed = {name: space for name, space in used.items() if isinstance(space, PlacedSpace)}
        # Bins have few combinations with one another, and so do vectors; both together have nearly one a recording.
        binned = {name: space for name, space in placed.items() if isinstance(space, DensityRatioSpace)}
        shared = {name: space for name, space in placed.items() if name not in binned}
        return cls(
            rows=rows,
            weights={name: weights[name] for name in used},
            linear=tuple(linear),
            sparse=tuple(name for name in used if name not in linear and name not in placed),
            vectors=np.concatenate(
                [np.empty((len(rows), 0), np.float32), *(space.at(rows) for space in linear.values())], axis=1
            ),
            joints=tuple(Joint.of(group, rows) for group in (binned, shared) if group),
            columns=_inverse(rows, n),
        )

    def scores(self, heard: Heard) -> Vectors:
        """Return the weighted sum of what the spaces say, shape (q, n)."""
        listeners = [np.float32(self.weights[name]) * heard[name] for name in self.linear]
        n_listeners = next(iter(heard.values())).shape[0]
        total = products(np.concatenate([np.empty((n_listeners, 0), np.float32), *listeners], axis=1), self.vectors)
        for joint in self.joints:
            total += joint.scores(heard, self.weights)
        for name in self.sparse:
            self._add(total, heard[name], np.float32(self.weights[name]))
        return total

    def _add(self, total: Vectors, part: Sparse, weight: np.float32) -> None:
        columns = self.columns[part.indices]
        own = columns >= 0
        listeners = np.repeat(np.arange(len(total)), np.diff(part.indptr))
        total[listeners[own], columns[own]] += weight * part.data[own]


def share_known(weights: Sparse, known: NDArray[np.bool_]) -> Vectors:
    """Return the share of each listener's liked seeds that is known, shape (q,); 0 where nothing is, 1 where all is."""
    if known.all() or not known.any():
        return np.full(weights.shape[0], known.any(), np.float32)
    liked = (weights > 0).astype(np.float32)
    share = (liked @ known.astype(np.float32) + PSEUDO_SEEDS) / (liked.sum(axis=1) + 2 * PSEUDO_SEEDS)
    return np.asarray(share, np.float32)


def log_sum_exp(scores: Vectors) -> Vectors:
    """Return the logarithm of the sum of the exponentials of each row; there is at least one column."""
    highest = scores.max(axis=1)
    chances = scores - highest[:, None]
    return np.asarray(highest + np.log(np.exp(chances, out=chances).sum(axis=1)), np.float32)


def _pairs(first: NDArray[np.integer], second: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return a number for each pair."""
    codes = first.astype(np.intp) * (int(second.max(initial=0)) + 1) + second
    return np.unique(codes, return_inverse=True)[1]


def _inverse(rows: NDArray[np.intp], n: int) -> NDArray[np.intp]:
    """Return where each of `n` is in `rows`, -1 where it is not."""
    found = np.full(n, -1)
    found[rows] = np.arange(len(rows))
    return found
