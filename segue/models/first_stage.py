"""The first stage: how likely each recording is for a listener, as the spaces tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import gen_batches

from segue.models.cells import LOOKED_AT, Labels
from segue.models.recommender import Query
from segue.models.spaces.cosine import CosineSpace
from segue.models.spaces.space import PlacedSpace, Space
from segue.models.tastes import Taste, explain, mix, split, to_score
from segue.models.vectors import Vectors, seed_weights
from segue.models.worlds import Heard, World, hear, log_sum_exp, row_of, share_known

# Listeners, or tastes of theirs, scored together: what is worked out for them stays in the processor's cache.
AT_ONCE = 8
Scored = tuple[NDArray[np.intp], Sequence[Vectors]]
"""Rows of recordings, and their log chances for each of some tastes."""


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
class Listener:
    """A listener, as the first stage leaves them.

    Attributes
    ----------
    seeds : ndarray of int
        Rows of what they like.
    tastes : sequence of Taste
    gate : float
        The share of these that is on any playlist, 0 to 1.
    heard : mapping of str to array
        What each space makes of them, one row.
    rows : ndarray of int, shape (l,)
        The recordings that were looked at.
    scores : ndarray of float32, shape (l,)
        Their log chances.
    """

    seeds: NDArray[np.intp]
    tastes: Sequence[Taste]
    gate: float
    heard: Heard
    rows: NDArray[np.intp]
    scores: Vectors


@dataclass(frozen=True)
class FirstStage:
    r"""A weighted sum of spaces, and where there are training playlists two of them with a gate: log chances.

    .. math:: P(c \mid S) = g \cdot \mathrm{softmax}_{\text{known } c}(\alpha \cdot x_c)
              + (1 - g) \cdot \mathrm{softmax}_{\text{unknown } c}(\beta \cdot x_c)

    Recordings that are on some training playlist, and those that are on none, are different worlds: of the first
    much is known, and how often they are listened to; the others have their content alone. So each has its own
    weights, and g, the share of this listener's seeds that are known, says how much each world counts. A listener of
    what the playlists do not hold is served from content, by the same model. Without playlists all are unknown.

    Attributes
    ----------
    spaces : mapping of str to Space
        Fitted to the recordings.
    weights : Weights
    known : ndarray of bool, shape (n,)
        Which recordings are on a training playlist.
    cells : ndarray of int32, shape (n,)
        The cell of each recording in its world (`segue.models.cells`).
    """

    spaces: Mapping[str, Space]
    weights: Weights
    known: NDArray[np.bool_]
    cells: Labels

    def listeners(
        self, queries: Sequence[Query], candidates: NDArray[np.bool_] | None = None, k: int | None = None
    ) -> list[Listener]:
        """Return what becomes of each query; of a listener with several tastes it mixes the chances.

        Parameters
        ----------
        queries : sequence of Query
        candidates : ndarray of bool, shape (n,), optional
            Which recordings may be recommended; all by default.
        k : int, optional
            How many of the likeliest are needed; all by default. Where it is few, and there are cells, only those are
            looked at that are likeliest for the listener: chances are nearly the same, in a fraction of the time.
        """
        tastes = [self.tastes(query) for query in queries]
        parts = [to_score(query, found) for query, found in zip(queries, tastes, strict=True)]
        weights = seed_weights([*chain(*parts)], len(self.known))
        heard = {name: hear(space, weights) for name, space in self.spaces.items()}
        gates = share_known(weights, self.known)
        lengths = [len(part) for part in parts]
        if k is not None and k <= LOOKED_AT and self.cells.any():
            least = [max(k + len(q.seeds), LOOKED_AT // n) for q, n in zip(queries, lengths, strict=True)]
            found = self._likeliest(heard, gates, lengths, candidates, least)
        else:
            found = self._all(heard, gates, lengths)
        return [
            Listener(
                query.seeds[query.preferences > 0],
                of_query,
                float(gates[start]),
                {name: row_of(of_space, start) for name, of_space in heard.items()},
                rows,
                mix(chances, of_query, self._among(rows, query.seeds)),
            )
            for query, of_query, start, (rows, chances) in zip(
                queries, tastes, np.cumsum([0, *lengths[:-1]]).tolist(), found, strict=True
            )
        ]

    def _among(self, rows: NDArray[np.intp], seeds: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Return which of `rows` are among the seeds."""
        is_seed = np.zeros(len(self.known), bool)
        is_seed[seeds] = True
        return is_seed[rows]

    def tastes(self, query: Query) -> list[Taste]:
        """Return the tastes of a listener, as all spaces that have vectors tell them apart."""
        weights = self.weights.unknown
        placed = [(name, space) for name, space in self.spaces.items() if isinstance(space, CosineSpace)]
        return split(query, [(weights[name], space) for name, space in placed if weights.get(name, 0) > 0])

    def terms(
        self, query: Query, rows: NDArray[np.intp], tastes: Sequence[Taste]
    ) -> tuple[dict[str, Vectors], dict[str, Vectors]]:
        """Return what each seed adds to what each space says of `rows`, and to their log chances, by space.

        The latter sum to the log chances but for what is the same for all `rows` of a world. Of several tastes one
        explains a row, the one whose terms sum highest; the seeds of the others add 0 to it.
        """
        # The cosines are the same for all tastes: only what the seeds weigh is not.
        cosines = {
            name: space.cosines_between(rows, query.seeds)
            for name, space in self.spaces.items()
            if isinstance(space, CosineSpace)
        }
        plain = self._plain_terms(query, rows, cosines)
        if len(tastes) == 1:
            return plain, self._weighed(plain, rows)
        of_tastes = [{name: found[:, taste.places] for name, found in cosines.items()} for taste in tastes]
        parts = [
            self._weighed(self._plain_terms(taste.query, rows, own), rows)
            for taste, own in zip(tastes, of_tastes, strict=True)
        ]
        return plain, explain(parts, tastes)

    def prepare(self) -> None:
        """Lay out the recordings for scoring, which is otherwise done when it is needed."""
        _ = self.worlds, self._columns

    def _plain_terms(self, query: Query, rows: NDArray[np.intp], cosines: Mapping[str, Vectors]) -> dict[str, Vectors]:
        weights = np.asarray(query.preferences, np.float32)
        weights = weights / max(np.abs(weights).sum(), np.finfo(np.float32).tiny)
        return {
            name: space.terms_of(cosines[name], weights)
            if isinstance(space, CosineSpace)
            else space.terms(query.seeds, weights, rows)
            for name, space in self.spaces.items()
        }

    @cached_property
    def worlds(self) -> tuple[World, World]:
        """The recordings that share their weights, as they are scored: the unknown and the known."""
        return (
            World.of(self.spaces, self.weights.unknown, np.flatnonzero(~self.known), self.cells),
            World.of(self.spaces, self.weights.known, np.flatnonzero(self.known), self.cells),
        )

    @cached_property
    def _columns(self) -> NDArray[np.intp]:
        """Where each recording is when the worlds are one after the other, as their scores are."""
        return np.argsort(np.concatenate([world.rows for world in self.worlds]))

    def _all(self, heard: Heard, gates: Vectors, lengths: Sequence[int]) -> Iterator[Scored]:
        """Yield the rows and the log chances of all recordings, for each listener of so many tastes."""
        # Both worlds look places up in the same tables.
        tables = {
            name: space.table(heard[name]) for name, space in self.spaces.items() if isinstance(space, PlacedSpace)
        }
        scores = chain.from_iterable(self._stripes(heard, tables, gates))
        every = np.arange(len(self.known))
        for length in lengths:
            yield every, [np.take(chances, self._columns, mode="clip") for chances in islice(scores, length)]

    def _stripes(self, heard: Heard, tables: Heard, gates: Vectors) -> Iterator[Vectors]:
        """Yield the log chances of all of both worlds, for a few tastes after the others."""
        middle = len(self.worlds[0].rows)
        for stripe in gen_batches(len(gates), AT_ONCE):
            own, at_places = ({name: found[stripe] for name, found in each.items()} for each in (heard, tables))
            found = np.empty((len(gates[stripe]), len(self.known)), np.float32)
            sides = (found[:, :middle], found[:, middle:])
            for world, side, chances in zip(self.worlds, sides, (1 - gates[stripe], gates[stripe]), strict=True):
                if len(world.rows):
                    scores = world.scores(own, at_places)
                    np.add(scores, (np.log(chances) - log_sum_exp(scores))[:, None], out=side)
            yield found

    def _likeliest(
        self,
        heard: Heard,
        gates: Vectors,
        lengths: Sequence[int],
        candidates: NDArray[np.bool_] | None,
        least: Sequence[int],
    ) -> Iterator[Scored]:
        """Yield the rows and the log chances of the likeliest recordings, for each listener of so many tastes.

        At least so many (`least`) that may be recommended are looked at for each of a listener's tastes.
        """
        sides = [
            (world, world.cells.scores(heard, world.weights), world.open_to(candidates), chances)
            for world, chances in zip(self.worlds, (1 - gates, gates), strict=True)
            if len(world.rows)
        ]
        for stop, length, enough in zip(np.cumsum(lengths).tolist(), lengths, least, strict=True):
            part = slice(stop - length, stop)
            own = {name: found[part] for name, found in heard.items()}
            rows, scored = [], []
            for world, by_cell, open_to, chances in sides:
                places, scores, sums = world.look(own, by_cell[part], open_to, enough)
                rows.append(world.rows[places])
                scored.append(scores + (np.log(chances[part]) - sums)[:, None])
            yield np.concatenate(rows), [*np.concatenate(scored, axis=1)]

    def _weighed(self, plain: Mapping[str, Vectors], rows: NDArray[np.intp]) -> dict[str, Vectors]:
        return {name: terms * self._of(name, rows) for name, terms in plain.items()}

    def _of(self, name: str, rows: NDArray[np.intp]) -> Vectors:
        """Return the weight of a space for `rows`, as a column."""
        unknown, known = (np.float32(weights.get(name, 0)) for weights in (self.weights.unknown, self.weights.known))
        return np.where(self.known[rows], known, unknown)[:, None]
