"""The first stage: how likely each recording is for a listener, as the spaces tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import gen_batches

from segue.models.recommender import Query
from segue.models.spaces.cosine import CosineSpace
from segue.models.spaces.space import Space
from segue.models.tastes import Taste, explain, mix, split, to_score
from segue.models.vectors import Vectors, seed_weights
from segue.models.worlds import Heard, World, hear, log_sum_exp, row_of, share_known

# Listeners, or tastes of theirs, scored together: what is worked out for them stays in the processor's cache.
AT_ONCE = 8


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
    scores : ndarray of float32, shape (n,)
        Log chances.
    """

    seeds: NDArray[np.intp]
    tastes: Sequence[Taste]
    gate: float
    heard: Heard
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
    """

    spaces: Mapping[str, Space]
    weights: Weights
    known: NDArray[np.bool_]

    def listeners(self, queries: Sequence[Query]) -> list[Listener]:
        """Return what becomes of each query; of a listener with several tastes it mixes the chances."""
        tastes = [self.tastes(query) for query in queries]
        parts = [to_score(query, found) for query, found in zip(queries, tastes, strict=True)]
        weights = seed_weights([*chain(*parts)], len(self.known))
        heard = {name: hear(space, weights) for name, space in self.spaces.items()}
        gates = share_known(weights, self.known)
        starts = np.cumsum([0, *(len(part) for part in parts[:-1])]).tolist()
        scores = chain.from_iterable(self._scores(heard, gates))
        return [
            Listener(
                query.seeds[query.preferences > 0],
                of_query,
                float(gates[start]),
                {name: row_of(of_space, start) for name, of_space in heard.items()},
                np.take(mix([*islice(scores, len(part))], of_query, self._columns), self._columns, mode="clip"),
            )
            for query, of_query, part, start in zip(queries, tastes, parts, starts, strict=True)
        ]

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
        # A listener and each of several tastes differ in what the seeds weigh alone: others' weigh 0.
        preferences = np.zeros((len(to_score(query, tastes)), len(query.seeds)), np.float32)
        preferences[0] = query.preferences
        for own, taste in zip(preferences[1:], tastes, strict=False):
            own[taste.places] = taste.query.preferences
        weights = preferences / np.maximum(np.abs(preferences).sum(axis=1, keepdims=True), np.finfo(np.float32).tiny)
        terms = {name: space.terms(query.seeds, weights, rows) for name, space in self.spaces.items()}
        counts = self._counts(rows)
        best = explain(terms, counts)
        at = np.arange(len(rows))
        plain = {name: found[0] for name, found in terms.items()}
        return plain, {name: found[best, at] * counts[name] for name, found in terms.items()}

    def prepare(self) -> None:
        """Lay out the recordings for scoring, which is otherwise done when it is needed."""
        _ = self.worlds, self._columns

    @cached_property
    def worlds(self) -> tuple[World, World]:
        """The recordings that share their weights, as they are scored: the unknown and the known."""
        n = len(self.known)
        return (
            World.of(self.spaces, self.weights.unknown, np.flatnonzero(~self.known), n),
            World.of(self.spaces, self.weights.known, np.flatnonzero(self.known), n),
        )

    @cached_property
    def _columns(self) -> NDArray[np.intp]:
        """Where each recording is when the worlds are one after the other, as their scores are."""
        return np.argsort(np.concatenate([world.rows for world in self.worlds]))

    def _scores(self, heard: Heard, gates: Vectors) -> Iterator[Vectors]:
        """Yield the log chances of all of both worlds, for a few listeners of one taste each after the other."""
        middle = len(self.worlds[0].rows)
        for stripe in gen_batches(len(gates), AT_ONCE):
            own = {name: of_space[stripe] for name, of_space in heard.items()}
            found = np.empty((len(gates[stripe]), len(self.known)), np.float32)
            sides = (found[:, :middle], found[:, middle:])
            for world, side, chances in zip(self.worlds, sides, (1 - gates[stripe], gates[stripe]), strict=True):
                if len(world.rows):
                    scores = world.scores(own)
                    np.add(scores, (np.log(chances) - log_sum_exp(scores))[:, None], out=side)
            yield found

    def _counts(self, rows: NDArray[np.intp]) -> dict[str, Vectors]:
        """Return how much each space counts for `rows`, as columns."""
        worlds = (self.weights.unknown, self.weights.known)
        weights = np.array([[world.get(name, 0.0) for world in worlds] for name in self.spaces], np.float32)
        return dict(zip(self.spaces, weights[:, self.known[rows].astype(np.intp), None], strict=True))
