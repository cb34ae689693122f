"""The model that is registered: one space, or a blend of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segue.models.cells import Labels
from segue.models.chances import Weights
from segue.models.files import read_mapped, write_mapped
from segue.models.first_stage import FirstStage, Listener
from segue.models.ids import TrackIds
from segue.models.ranking import top
from segue.models.recommender import Answer, Basis, Emphasis, Query
from segue.models.second_stage import SHORTLIST, SecondStage, Shortlist, by_same_artist
from segue.models.songs import SongGraph
from segue.models.spaces.audio import FEATURES
from segue.models.spaces.space import Space
from segue.models.vectors import Vectors
from segue.models.worlds import heard_at

MODEL = "model.pickle"
LAYOUT = 4
"""Of what a saved model is made of: raised whenever a model saved before could not be used any more."""


@dataclass(frozen=True)
class Blend:
    """Two stages: what the spaces make of all recordings, and a better order of the likeliest.

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
    cells : ndarray of int32, shape (n,), optional
        The cell of each recording, as `segue.models.cells.fit_cells` finds them.
    layout : int
        The `LAYOUT` that it was saved in.
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
    cells: Labels | None = None
    layout: int = LAYOUT

    @cached_property
    def track_ids(self) -> pd.Index[str]:
        """The track_id of each row."""
        return self._ids.index()

    def rows(self, track_ids: Sequence[str] | pd.Series | pd.Index) -> NDArray[np.intp]:
        """Return the row of each recording; -1 where it is not in this model."""
        return self._ids.rows(track_ids)

    @cached_property
    def _ids(self) -> TrackIds:
        return TrackIds(self.recordings)

    def answers(
        self, queries: Sequence[Query], candidates: NDArray[np.bool_] | None = None, k: int | None = None
    ) -> list[Answer]:
        """Return the answer to each query: what the second stage, if there is one, makes of the first's.

        Those of a query do not depend on the others. They are the same on every run, and in other company but for the
        rounding of single precision. For a few thousand (`k`) the model looks only where they are likely, if it has
        cells.
        """
        return [
            Answer(listener.scores, Basis(listener.tastes, self._reorder(query, listener, candidates)), listener.rows)
            for query, listener in zip(queries, self.first.listeners(queries, candidates, k), strict=True)
        ]

    def scores(self, queries: Sequence[Query], candidates: NDArray[np.bool_] | None = None) -> Vectors:
        """Return the scores of `answers` alone, shape (len(queries), n)."""
        return np.stack([answer.scores for answer in self.answers(queries, candidates)])

    @cached_property
    def first(self) -> FirstStage:
        """What is ahead of the second stage."""
        known = np.zeros(len(self.recordings), bool) if self.known is None else self.known
        cells = np.zeros(len(known), np.int32) if self.cells is None else self.cells
        return FirstStage(self.spaces, self.weights, known, cells)

    def shortlists(
        self, second: SecondStage, query: Query, listener: Listener, candidates: NDArray[np.bool_] | None
    ) -> list[Shortlist]:
        """Return what a second stage orders anew: of each world the likeliest candidates, without the seeds."""
        allowed = np.ones(len(self.recordings), bool) if candidates is None else candidates.copy()
        allowed[query.seeds] = False
        of_listener, is_known = allowed[listener.rows], self.first.known[listener.rows]
        found = []
        for known, names in ((False, self.weights.unknown), (True, self.weights.known)):
            open_to = np.flatnonzero(of_listener & (is_known == known))
            places = open_to[top(listener.scores[open_to], SHORTLIST)]
            rows = listener.rows[places]
            own = {name: heard_at(self.spaces[name], listener.heard[name], rows) for name in names}
            found.append(second.shortlist(own, places, listener, self.artists))
        return found

    def _reorder(self, query: Query, listener: Listener, candidates: NDArray[np.bool_] | None) -> list[Emphasis]:
        if self.second is None:
            return []
        return self.second.reorder(listener, self.shortlists(self.second, query, listener, candidates))

    def terms(self, query: Query, rows: NDArray[np.intp], basis: Basis | None = None) -> dict[str, Vectors]:
        """Return what each seed adds to the scores of `rows`, by space.

        They sum to the score but for what has to do with no seed: the gate, and in the second stage the place among
        the artist's recordings and facts of the recording alone. Of several tastes one explains a row, the one whose
        terms sum highest; the seeds of the others add 0 to it, but in the second stage, which knows no tastes.
        """
        basis = basis or Basis(self.first.tastes(query))
        plain, found = self.first.terms(query, rows, basis.tastes)
        if not basis.emphasis:
            return found
        shortlists = np.zeros(len(self.recordings), np.int8)
        for number, one in enumerate(basis.emphasis, start=1):
            shortlists[one.rows] = number
        weights = [[0.0] * (len(plain) + 1)]
        weights += [[*(one.weights.get(name, 0.0) for name in plain), one.by_artist] for one in basis.emphasis]
        *of_spaces, of_artist = np.array(weights, np.float32).T[:, shortlists[rows], None]
        for (name, terms), weight in zip(plain.items(), of_spaces, strict=True):
            found[name] += weight * terms
        alike = by_same_artist(self.artists, rows, query.seeds) & (query.preferences > 0)
        counts = np.count_nonzero(alike, axis=1, keepdims=True)
        found["artist"] += (of_artist * np.log1p(counts) / np.maximum(counts, 1)).astype(np.float32) * alike
        return found

    def save(self, folder: Path) -> None:
        """Write the model into `folder`, laid out for scoring."""
        self.first.prepare()
        write_mapped(folder / MODEL, self)

    @classmethod
    def load(cls, folder: Path) -> Blend:
        """Open the model in `folder`; its arrays are mapped into memory, not read.

        Raises
        ------
        RegistryError
            If the file is missing or damaged, was written by another version of scikit-learn, or is of other features.
        """
        return read_mapped(folder / MODEL, _checked)


def _checked(model: object) -> Blend:
    if not isinstance(model, Blend):
        raise TypeError(f"{MODEL} holds no model")
    if vars(model).get("layout") != LAYOUT:
        raise ValueError("it was saved by another version of Segue")
    if model.features != FEATURES:
        raise ValueError(f"it compares other audio features than Segue does now: {', '.join(model.features)}")
    return model
