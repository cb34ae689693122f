"""The first stage: how likely each recording is for a listener, as the spaces tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from segue.models.cells import LONGEST, LOOKED_AT, Labels
from segue.models.chances import Chances, Weights
from segue.models.recommender import Query
from segue.models.spaces.cosine import CosineSpace
from segue.models.spaces.space import Space
from segue.models.tastes import Taste, explain, mix, split, to_score
from segue.models.vectors import Vectors, lines, seed_weights
from segue.models.worlds import Heard, hear, share_known


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
        if k is not None and k <= LONGEST and self.cells.any():
            least = [max(k + len(q.seeds), LOOKED_AT // n) for q, n in zip(queries, lengths, strict=True)]
            found = self.chances.of_likeliest(heard, gates, lengths, least, candidates)
        else:
            found = self.chances.of_all(heard, gates, lengths)
        return [
            Listener(
                query.seeds[query.preferences > 0],
                of_query,
                float(gates[start]),
                {name: lines(of_space, slice(start, start + 1)) for name, of_space in heard.items()},
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
        _ = self.chances

    @cached_property
    def chances(self) -> Chances:
        """The recordings as they are scored."""
        return Chances.of(self.spaces, self.weights, self.known, self.cells)

    def _counts(self, rows: NDArray[np.intp]) -> dict[str, Vectors]:
        """Return how much each space counts for `rows`, as columns."""
        worlds = (self.weights.unknown, self.weights.known)
        weights = np.array([[world.get(name, 0.0) for world in worlds] for name in self.spaces], np.float32)
        return dict(zip(self.spaces, weights[:, self.known[rows].astype(np.intp), None], strict=True))
