"""Recordings that share their weights, laid out so that listeners are scored in few passes over memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segue.models.cells import Cells, Labels
from segue.models.joint import Joint
from segue.models.spaces.density_ratio import DensityRatioSpace
from segue.models.spaces.space import LinearSpace, PlacedSpace, Space, SparseSpace
from segue.models.vectors import Sparse, Vectors, products

# Seeds that are neither known nor unknown to playlists, as it were, so that neither side is ever impossible.
PSEUDO_SEEDS = 0.1
Heard = Mapping[str, Any]
"""What each space makes of the listeners, by its name: an array or a sparse array, a row for each listener."""


def hear(space: Space, weights: Sparse) -> Vectors | Sparse:
    """Return what a space makes of the listeners: what it takes to score them, or what scores there are."""
    return space.sparse_scores(weights) if isinstance(space, SparseSpace) else space.listeners(weights)


def heard_at(space: Space, heard: Any, rows: NDArray[np.intp]) -> Vectors:
    """Return the scores of `rows`, shape (len(rows),), from what `hear` returned for a single listener."""
    if isinstance(space, SparseSpace):
        found = np.zeros(heard.shape[1], np.float32)
        found[heard.indices] = heard.data
        return found[rows]
    vectors = space.at(rows) if isinstance(space, LinearSpace) else space.at_places(space.places_[rows])
    return np.asarray(vectors @ heard[0], np.float32)


@dataclass(frozen=True)
class World:
    """Recordings that share their weights.

    Attributes
    ----------
    rows : ndarray of int, shape (n,)
        Their rows in the model, cell by cell.
    weights : mapping of str to float
        Of the spaces that count here, by name.
    linear, sparse : sequence of str
        The names of those whose vectors are in `vectors`, and of those that score few recordings.
    vectors : ndarray of float32, shape (n, d)
        The recordings' vectors in the linear spaces, side by side.
    joints : sequence of Joint
        The spaces that have places.
    columns : ndarray of int, shape (n_recordings,)
        Where each recording is in `rows`; -1 where it is not.
    cells : Cells
    """

    rows: NDArray[np.intp]
    weights: Mapping[str, float]
    linear: Sequence[str]
    sparse: Sequence[str]
    vectors: Vectors
    joints: Sequence[Joint]
    columns: NDArray[np.intp]
    cells: Cells

    @classmethod
    def of(
        cls, spaces: Mapping[str, Space], weights: Mapping[str, float], rows: NDArray[np.intp], cells: Labels
    ) -> World:
        """Lay out the recordings at `rows`, of all of which `cells` says the cell."""
        rows = rows[np.argsort(cells[rows], kind="stable")]
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
            columns=_inverse(rows, len(cells)),
            cells=Cells.of(used, rows, cells[rows]),
        )

    def open_to(self, candidates: NDArray[np.bool_] | None) -> NDArray[np.intp]:
        """Return how many recordings of each cell may be recommended, by which of all may."""
        return self.cells.open_to(None if candidates is None else candidates[self.rows])

    def scores(self, heard: Heard, tables: Heard) -> Vectors:
        """Return the weighted sum of what the spaces say, shape (q, n).

        Parameters
        ----------
        heard : mapping of str to array
        tables : mapping of str to ndarray
            The scores at all places of the spaces that have places.
        """
        total = products(self._listeners(heard), self.vectors)
        for joint in self.joints:
            total += joint.scores(tables, self.weights)
        for listeners, columns, values in self._sparse_entries(heard):
            total[listeners, columns] += values
        return total

    def look(
        self, heard: Heard, by_cell: Vectors, open_to: NDArray[np.intp], least: int
    ) -> tuple[NDArray[np.intp], Vectors, Vectors]:
        """Score what is likely for a listener.

        Parameters
        ----------
        heard : mapping of str to array
            A row for each of their tastes.
        by_cell : ndarray of float32, shape (q, m)
            The scores of the cells.
        open_to : ndarray of int, shape (m,)
            How many recordings of each may be recommended.
        least : int
            So many that may be recommended are looked at for each taste, at least.

        Returns
        -------
        places : ndarray of int, shape (l,)
            Which of `rows` were looked at.
        scores : ndarray of float32, shape (q, l)
        sums : ndarray of float32, shape (q,)
            The logarithm of the sum of the exponentials of all scores: of what was looked at, and an estimate of the
            others' by a sample.
        """
        likely = self.cells.likeliest(by_cell, open_to, least)
        few = list(self._sparse_entries(heard))
        for _, columns, _ in few:
            likely[columns] = True
        looked_at = likely.copy()
        looked_at[:: self.cells.step] = True
        places = np.flatnonzero(looked_at)
        scores = self._listeners(heard) @ self.vectors[places].T
        for joint in self.joints:
            scores += joint.scores_at(heard, self.weights, places)
        numbers = np.cumsum(looked_at) - 1
        for listeners, columns, values in few:
            scores[listeners, numbers[columns]] += values
        stands_for = np.where(likely[places], np.float32(0), np.log(np.float32(self.cells.step)))
        return places, scores, log_sum_exp(scores + stands_for)

    def _listeners(self, heard: Heard) -> Vectors:
        """Return the listeners' vectors in the linear spaces side by side, times their weights, shape (q, d)."""
        n_listeners = next(iter(heard.values())).shape[0]
        parts = [np.float32(self.weights[name]) * heard[name] for name in self.linear]
        return np.concatenate([np.empty((n_listeners, 0), np.float32), *parts], axis=1)

    def _sparse_entries(self, heard: Heard) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], Vectors]]:
        """Yield of each space that scores few recordings which listener it scores which of `rows` for, and how."""
        for name in self.sparse:
            part = heard[name]
            columns = self.columns[part.indices]
            own = columns >= 0
            listeners = np.repeat(np.arange(part.shape[0]), np.diff(part.indptr))
            yield listeners[own], columns[own], np.float32(self.weights[name]) * part.data[own]


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


def _inverse(rows: NDArray[np.intp], n: int) -> NDArray[np.intp]:
    """Return where each of `n` is in `rows`, -1 where it is not."""
    found = np.full(n, -1)
    found[rows] = np.arange(len(rows))
    return found
