"""The model that is registered: one space, or a blend of several."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.exceptions import InconsistentVersionWarning

from segue.errors import RegistryError
from segue.groups import DTYPES
from segue.models.recommender import Query
from segue.models.songs import SongGraph
from segue.models.spaces.audio import FEATURES
from segue.models.spaces.cosine import CosineSpace
from segue.models.spaces.space import Space, unmap
from segue.models.tastes import Taste, explain, mix, split, to_score
from segue.models.vectors import Sparse, Vectors, gather, seed_weights
from segue.models.worlds import World, hear

MODEL = "model.joblib"
ID_BYTES = "S22"
# Seeds that are neither known nor unknown to playlists, as it were, so that neither side is ever impossible.
PSEUDO_SEEDS = 0.1


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
    graph: SongGraph | None = None

    @cached_property
    def track_ids(self) -> pd.Index[str]:
        """The track_id of each row."""
        ids: pd.Index[str] = pd.Index(self.recordings.astype(str), dtype=DTYPES["text"], name="track_id")
        return ids

    def rows(self, track_ids: Sequence[str] | pd.Series | pd.Index) -> NDArray[np.intp]:
        """Return the row of each recording; -1 where it is not in this model."""
        return np.asarray(self.track_ids.get_indexer(pd.Index(track_ids, dtype=DTYPES["text"])))

    def scores(self, queries: Sequence[Query]) -> Vectors:
        """Return the scores, shape (len(queries), n); of a listener with several tastes those of their mixture.

        Those of a query do not depend on the others. They are the same on every run, and in other company but for the
        rounding of single precision.
        """
        tastes = [self.tastes(query) for query in queries]
        parts = [to_score(query, found) for query, found in zip(queries, tastes, strict=True)]
        scores = np.split(self._scores([*chain(*parts)]), np.cumsum([len(part) for part in parts])[:-1])
        return np.stack([mix(part, found) for part, found in zip(scores, tastes, strict=True)])

    def tastes(self, query: Query) -> list[Taste]:
        """Return the tastes of a listener, as all spaces that have vectors tell them apart."""
        weights = self.weights.unknown
        placed = [(name, space) for name, space in self.spaces.items() if isinstance(space, CosineSpace)]
        return split(query, [(weights[name], space) for name, space in placed if weights.get(name, 0) > 0])

    def _scores(self, queries: Sequence[Query]) -> Vectors:
        """Return the scores of queries of one taste each."""
        weights = seed_weights(queries, len(self.recordings))
        heard = {name: hear(space, weights) for name, space in self.spaces.items()}
        parts = [world.scores(heard) for world in self.worlds]
        if self.known is not None:
            gate = _gate(weights, self.known)
            for place, chance in enumerate((1 - gate, gate)):
                parts[place] += (np.log(chance) - _log_sum_exp(parts[place]))[:, None]
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

    def terms(self, query: Query, rows: NDArray[np.intp]) -> dict[str, Vectors]:
        """Return what each seed adds to the scores of `rows`, by space; the logarithms of the gate add to all alike.

        Of several tastes one explains a row: the one whose terms sum highest. The seeds of the others add 0 to it.
        """
        tastes = self.tastes(query)
        return explain([self._terms(taste.query, rows) for taste in tastes], tastes)

    def _terms(self, query: Query, rows: NDArray[np.intp]) -> dict[str, Vectors]:
        """Return the terms of a query of one taste."""
        weights = np.asarray(query.preferences, np.float32)
        weights = weights / max(np.abs(weights).sum(), np.finfo(np.float32).tiny)
        return {
            name: space.terms(query.seeds, weights, rows) * self._of(name, rows) for name, space in self.spaces.items()
        }

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
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", InconsistentVersionWarning)
                model = _checked(joblib.load(folder / MODEL, mmap_mode="r"))
        except InconsistentVersionWarning as warning:
            raise RegistryError(
                f"{folder}: trained with scikit-learn {warning.original_sklearn_version}, but "
                f"{warning.current_sklearn_version} is installed: run `segue train`"
            ) from None
        except Exception as error:  # a damaged file can make the unpickler raise anything
            what = f"{type(error).__name__}: {error}"
            raise RegistryError(f"{folder}: cannot be used ({what}); run `segue train` for a new version") from error
        for space in model.spaces.values():
            unmap(space)
        return model


def _checked(model: object) -> Blend:
    if not isinstance(model, Blend):
        raise TypeError(f"{MODEL} holds no model")
    if model.features != FEATURES:
        raise ValueError(f"it compares other audio features than Segue does now: {', '.join(model.features)}")
    return model


def _log_sum_exp(scores: Vectors) -> Vectors:
    """Return the logarithm of the sum of the exponentials of each row; of an empty one, 0."""
    if not scores.shape[1]:
        return np.zeros(len(scores), np.float32)
    highest = scores.max(axis=1)
    return np.asarray(highest + np.log(np.exp(scores - highest[:, None]).sum(axis=1)), np.float32)


def _gate(weights: Sparse, known: NDArray[np.bool_]) -> Vectors:
    """Return the share of the liked seeds that is known, for each listener."""
    liked = (weights > 0).astype(np.float32)
    share = (liked @ known.astype(np.float32) + PSEUDO_SEEDS) / (liked.sum(axis=1) + 2 * PSEUDO_SEEDS)
    return np.asarray(share, np.float32)
