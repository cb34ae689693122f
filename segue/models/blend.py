"""The model that is registered: one space, or a blend of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segue.groups import DTYPES
from segue.models.files import read_mapped
from segue.models.ranking import top
from segue.models.recommender import Answer, Emphasis, Query
from segue.models.second_stage import SHORTLIST, Listener, SecondStage, Shortlist, by_same_artist
from segue.models.songs import SongGraph
from segue.models.spaces.audio import FEATURES
from segue.models.spaces.cosine import CosineSpace
from segue.models.spaces.space import Space, unmap
from segue.models.tastes import Taste, explain, mix, split, to_score
from segue.models.vectors import Vectors, gather, seed_weights
from segue.models.worlds import Heard, World, hear, heard_at, log_sum_exp, row_of, share_known

MODEL = "model.joblib"
ID_BYTES = "S22"


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
class Blend:
    r"""A weighted sum of spaces, and where there are training playlists two of them with a gate.

    Without playlists a score is the weighted sum of what the spaces say. With playlists it is a log probability,

    .. math:: P(c \mid S) = g \cdot \mathrm{softmax}_{\text{known } c}(\alpha \cdot x_c)
              + (1 - g) \cdot \mathrm{softmax}_{\text{unknown } c}(\beta \cdot x_c)

    Recordings that are on some training playlist, and those that are on none, are different worlds: of the first
    much is known, and how often they are listened to; the others have their content alone. So each has its own
    weights, and g, the share of this listener's seeds that are known, says how much each world counts. A listener of
    what the playlists do not hold is served from content, by the same model.

    Attributes
    ----------
    recordings : ndarray of bytes, shape (n,)
        The track_id of each row.
    artists : ndarray of int32, shape (n,)
        A number for the first artist of each row.
    normal_scores : ndarray of float32, shape (n, 13)
        The audio features, as `AudioSpace` has them: what reasons are found in.
    features : tuple of str
        Their names, in the order of the columns.
    spaces : mapping of str to Space
        Fitted to the recordings.
    weights : Weights
    discount : float
        Of an artist's further tracks, for `segue.models.ranking.rank`: it goes with the scale of the scores.
    known : ndarray of bool, shape (n,), optional
        Which recordings are on a training playlist; None without playlists.
    second : SecondStage, optional
        Orders anew what is likeliest; only where there are playlists to learn that from.
    graph : SongGraph, optional
        The nearest recordings of those that are asked for most.
    """

    recordings: NDArray[np.bytes_]
    artists: NDArray[np.int32]
    normal_scores: Vectors
    features: tuple[str, ...]
    spaces: Mapping[str, Space]
    weights: Weights
    discount: float = 0.0
    known: NDArray[np.bool_] | None = None
    second: SecondStage | None = None
    graph: SongGraph | None = None

    @cached_property
    def track_ids(self) -> pd.Index[str]:
        """The track_id of each row."""
        ids: pd.Index[str] = pd.Index(self.recordings.astype(str), dtype=DTYPES["text"], name="track_id")
        return ids

    def rows(self, track_ids: Sequence[str] | pd.Series | pd.Index) -> NDArray[np.intp]:
        """Return the row of each recording; -1 where it is not in this model."""
        return np.asarray(self.track_ids.get_indexer(pd.Index(track_ids, dtype=DTYPES["text"])))

    def answers(self, queries: Sequence[Query], candidates: NDArray[np.bool_] | None = None) -> list[Answer]:
        """Return the answer to each query: what the second stage, if there is one, makes of the first's.

        Those of a query do not depend on the others. They are the same on every run, and in other company but for the
        rounding of single precision.
        """
        return [
            Answer(listener.scores, self._reorder(query, listener, candidates))
            for query, listener in zip(queries, self.first_stage(queries), strict=True)
        ]

    def scores(self, queries: Sequence[Query], candidates: NDArray[np.bool_] | None = None) -> Vectors:
        """Return the scores of `answers` alone, shape (len(queries), n)."""
        return np.stack([answer.scores for answer in self.answers(queries, candidates)])

    def first_stage(self, queries: Sequence[Query]) -> list[Listener]:
        """Return what the first stage makes of each query; of a listener with several tastes it mixes the chances."""
        tastes = [self.tastes(query) for query in queries]
        parts = [to_score(query, found) for query, found in zip(queries, tastes, strict=True)]
        weights = seed_weights([*chain(*parts)], len(self.recordings))
        heard = {name: hear(space, weights) for name, space in self.spaces.items()}
        gate = np.ones(weights.shape[0], np.float32) if self.known is None else share_known(weights, self.known)
        ends = np.cumsum([len(part) for part in parts])
        scores = np.split(self._scores(heard, gate), ends[:-1])
        return [
            Listener(
                query.seeds[query.preferences > 0],
                float(gate[end - len(own)]),
                {name: row_of(found, end - len(own)) for name, found in heard.items()},
                mix(own, of_query),
            )
            for query, of_query, own, end in zip(queries, tastes, scores, ends.tolist(), strict=True)
        ]

    def shortlists(
        self, second: SecondStage, query: Query, listener: Listener, candidates: NDArray[np.bool_] | None
    ) -> list[Shortlist]:
        """Return what a second stage orders anew: of each world the likeliest candidates, without the seeds."""
        scores = listener.scores.copy()
        scores[query.seeds] = -np.inf
        if candidates is not None:
            scores[~candidates] = -np.inf
        found = []
        for world, names in zip(self.worlds, (self.weights.unknown, self.weights.known), strict=False):
            rows = world.rows[top(scores[world.rows], SHORTLIST)]
            own = {name: heard_at(self.spaces[name], listener.heard[name], rows) for name in names}
            found.append(second.shortlist(own, rows, listener, self.artists))
        return found

    def _reorder(self, query: Query, listener: Listener, candidates: NDArray[np.bool_] | None) -> list[Emphasis]:
        if self.second is None:
            return []
        return self.second.reorder(listener, self.shortlists(self.second, query, listener, candidates))

    def tastes(self, query: Query) -> list[Taste]:
        """Return the tastes of a listener, as all spaces that have vectors tell them apart."""
        weights = self.weights.unknown
        placed = [(name, space) for name, space in self.spaces.items() if isinstance(space, CosineSpace)]
        return split(query, [(weights[name], space) for name, space in placed if weights.get(name, 0) > 0])

    def _scores(self, heard: Heard, gate: Vectors) -> Vectors:
        """Return the scores of listeners of one taste each."""
        parts = [world.scores(heard) for world in self.worlds]
        if self.known is not None:
            for place, chance in enumerate((1 - gate, gate)):
                parts[place] += (np.log(chance) - log_sum_exp(parts[place]))[:, None]
        return gather(np.concatenate(parts, axis=1), self._places)

    @cached_property
    def worlds(self) -> tuple[World, ...]:
        """The recordings that share their weights, as they are scored: the unknown, and where any are known, those."""
        if self.known is None:
            return (World.of(self.spaces, self.weights.unknown, np.arange(len(self.recordings))),)
        return (
            World.of(self.spaces, self.weights.unknown, np.flatnonzero(~self.known)),
            World.of(self.spaces, self.weights.known, np.flatnonzero(self.known)),
        )

    @cached_property
    def _places(self) -> NDArray[np.intp]:
        """Where each recording is when the worlds are one after the other."""
        return np.argsort(np.concatenate([world.rows for world in self.worlds]))

    def terms(self, query: Query, rows: NDArray[np.intp], emphasis: Sequence[Emphasis] = ()) -> dict[str, Vectors]:
        """Return what each seed adds to the scores of `rows`, by space.

        They sum to the score but for what has to do with no seed: the gate, and in the second stage the place among
        the artist's recordings and facts of the recording alone. Of several tastes one explains a row, the one whose
        terms sum highest; the seeds of the others add 0 to it, but in the second stage, which knows no tastes.
        """
        plain = self._plain_terms(query, rows)
        tastes = self.tastes(query)
        parts = [plain] if len(tastes) == 1 else [self._plain_terms(taste.query, rows) for taste in tastes]
        weighed = [{name: terms * self._of(name, rows) for name, terms in part.items()} for part in parts]
        found = weighed[0] if len(tastes) == 1 else explain(weighed, tastes)
        for one in emphasis:
            places = np.flatnonzero(np.isin(rows, one.rows))
            for name, weight in one.weights.items():
                found[name][places] += np.float32(weight) * plain[name][places]
            alike = by_same_artist(self.artists, rows[places], query.seeds) & (query.preferences > 0)
            counts = alike.sum(axis=1, keepdims=True)
            found["artist"][places] += np.float32(one.by_artist) * np.log1p(counts) * alike / np.maximum(counts, 1)
        return found

    def _plain_terms(self, query: Query, rows: NDArray[np.intp]) -> dict[str, Vectors]:
        """Return the terms of a query of one taste, without the weights of the spaces."""
        weights = np.asarray(query.preferences, np.float32)
        weights = weights / max(np.abs(weights).sum(), np.finfo(np.float32).tiny)
        return {name: space.terms(query.seeds, weights, rows) for name, space in self.spaces.items()}

    def _of(self, name: str, rows: NDArray[np.intp] | slice) -> Vectors | np.float32:
        """Return the weight of a space for `rows`, as a column; one number where there is one world."""
        unknown = np.float32(self.weights.unknown.get(name, 0))
        if self.known is None:
            return unknown
        return np.where(self.known[rows], np.float32(self.weights.known.get(name, 0)), unknown)[:, None]

    def save(self, folder: Path) -> None:
        """Write the model into `folder`, laid out for scoring."""
        _ = self._places
        joblib.dump(self, folder / MODEL)

    @classmethod
    def load(cls, folder: Path) -> Blend:
        """Open the model in `folder`; its arrays are mapped into memory, not read.

        Raises
        ------
        RegistryError
            If the file is missing or damaged, was written by another version of scikit-learn, or is of other features.
        """
        model = read_mapped(folder / MODEL, _checked)
        for space in model.spaces.values():
            unmap(space)
        return model


def _checked(model: object) -> Blend:
    if not isinstance(model, Blend):
        raise TypeError(f"{MODEL} holds no model")
    if model.features != FEATURES:
        raise ValueError(f"it compares other audio features than Segue does now: {', '.join(model.features)}")
    return model
