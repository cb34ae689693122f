"""How likely recordings are for listeners: of all of them, or of the likeliest alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import gen_batches

from segue.models.cells import Labels
from segue.models.spaces.space import PlacedSpace, Space
from segue.models.vectors import Vectors, lines
from segue.models.worlds import Heard, World, log_sum_exp

# Tastes scored together: what is worked out for them stays in the processor's cache.
AT_ONCE = 8
Scored = tuple[NDArray[np.intp], Sequence[Vectors]]
"""Rows of recordings, and their log chances for each of a listener's tastes."""


@dataclass(frozen=True)
class Weights:
    """How much each space counts.

    Attributes
    ----------
    unknown : mapping of str to float
        By name of the space, for recordings that are on no training playlist: all of them, where there is none.
    known : mapping of str to float
        For those that are on one.
    """

    unknown: Mapping[str, float]
    known: Mapping[str, float]


@dataclass(frozen=True)
class Chances:
    """The worlds of recordings, those that playlists do not know and those that they do.

    Attributes
    ----------
    worlds : tuple of World
        Of those that have any recordings.
    sides : tuple of int
        Of each: 0 for the unknown, 1 for the known.
    spaces : mapping of str to PlacedSpace
        Whose places both worlds look up in the same table.
    columns : ndarray of int, shape (n,)
        Where each recording is when the worlds are one after the other.
    """

    worlds: tuple[World, ...]
    sides: tuple[int, ...]
    spaces: Mapping[str, PlacedSpace]
    columns: NDArray[np.intp]

    @classmethod
    def of(cls, spaces: Mapping[str, Space], weights: Weights, known: NDArray[np.bool_], cells: Labels) -> Chances:
        """Lay out recordings, of which is said whether playlists know them, and in which cell they are."""
        parts = [(0, weights.unknown, np.flatnonzero(~known)), (1, weights.known, np.flatnonzero(known))]
        found = {side: World.of(spaces, own, rows, cells) for side, own, rows in parts if len(rows)}
        placed = {name: space for name, space in spaces.items() if isinstance(space, PlacedSpace)}
        columns = np.argsort(np.concatenate([world.rows for world in found.values()]))
        return cls(tuple(found.values()), tuple(found), placed, columns)

    def of_all(self, heard: Heard, gates: Vectors, lengths: Sequence[int]) -> Iterator[Scored]:
        """Yield all recordings for each listener.

        Parameters
        ----------
        heard : mapping of str to array
            What each space makes of the listeners' tastes, one after the other.
        gates : ndarray of float32
            The share of each taste's seeds that playlists know.
        lengths : sequence of int
            How many tastes each listener has.
        """
        scores = chain.from_iterable(self._stripes(heard, gates))
        rows = np.arange(len(self.columns))
        for length in lengths:
            yield rows, [np.take(found, self.columns, mode="clip") for found in islice(scores, length)]

    def of_likeliest(
        self,
        heard: Heard,
        gates: Vectors,
        lengths: Sequence[int],
        least: Sequence[int],
        candidates: NDArray[np.bool_] | None,
    ) -> Iterator[Scored]:
        """Yield the recordings of the cells that are likeliest for each listener.

        Parameters
        ----------
        heard, gates, lengths
            As above.
        least : sequence of int
            How many that may be recommended are looked at for each of a listener's tastes, at least.
        candidates : ndarray of bool, shape (n,), optional
            Which these are; all by default.
        """
        sides = [
            (world, world.cells.scores(heard, world.weights), world.open_to(candidates), shares)
            for world, shares in zip(self.worlds, self._shares(gates), strict=True)
        ]
        for stop, length, enough in zip(np.cumsum(lengths).tolist(), lengths, least, strict=True):
            part = slice(stop - length, stop)
            own = {name: lines(found, part) for name, found in heard.items()}
            rows, scored = [], []
            for world, by_cell, open_to, shares in sides:
                places, scores, sums = world.look(own, by_cell[part], open_to, enough)
                rows.append(world.rows[places])
                scored.append(scores + (np.log(shares[part]) - sums)[:, None])
            yield np.concatenate(rows), [*np.concatenate(scored, axis=1)]

    def _shares(self, gates: Vectors) -> list[Vectors]:
        """Return the share of each world in the chances of each taste."""
        return [gates if side else 1 - gates for side in self.sides]

    def _stripes(self, heard: Heard, gates: Vectors) -> Iterator[Vectors]:
        """Yield the log chances of the worlds' recordings one world after the other, for a few tastes at a time."""
        tables = {name: space.table(heard[name]) for name, space in self.spaces.items()}
        for stripe in gen_batches(len(gates), AT_ONCE):
            own, at_places = ({name: lines(found, stripe) for name, found in each.items()} for each in (heard, tables))
            found = []
            for world, shares in zip(self.worlds, self._shares(gates[stripe]), strict=True):
                scores = world.scores(own, at_places)
                scores += (np.log(shares) - log_sum_exp(scores))[:, None]
                found.append(scores)
            yield np.concatenate(found, axis=1)
