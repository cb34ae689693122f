"""The four settings: what is learned from, what is tested on, and what may be recommended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segue.errors import InputError
from segue.models.spaces.colisten.playlists import Playlists
from training_pipeline.evaluation.collections import Collection
from training_pipeline.holdout import MIN_TRACKS, Holdout, Rows, chance, split_playlists

SETTINGS = ("warm", "cold", "transfer", "none")
FOLDS = 5
COLD_PART = 5
SHARED = 0.5
"""Of the shorter playlist: two that share as much are editions of one, and neither is tested on what the other says."""
# Numbers that keep the choices of playlists to sample, of folds and of cold tracks apart.
BY_FOLD, BY_TRACK = 1, 2


@dataclass(frozen=True)
class Task:
    """One fit and one test.

    Attributes
    ----------
    setting : str
        One of `SETTINGS`.
    collection : str
        What is tested on.
    learned_on : str
        What is learned from; empty for nothing.
    training : list of ndarray of int
        The rows on each training playlist.
    tests : list of Holdout
        Playlists that the training has not seen.
    candidates : ndarray of bool, optional
        The rows that may be recommended; all by default.
    """

    setting: str
    collection: str
    learned_on: str
    training: list[Rows]
    tests: list[Holdout]
    candidates: NDArray[np.bool_] | None = None

    @property
    def key(self) -> str:
        """The set that it belongs to, such as ``"warm/tidytuesday"`` or ``"transfer/million-playlist→tidytuesday"``."""
        way = f"{self.learned_on}→" if self.setting == "transfer" else ""
        return f"{self.setting}/{way}{self.collection}"


@dataclass(frozen=True)
class Protocol:
    """How to test.

    Attributes
    ----------
    track_ids : Index
        The catalog's recordings.
    folds : int
        How many of the five folds of each collection are tested, one after the other.
    most : int, optional
        Test on a random sample of at most this many playlists of each fold, or of a collection learned nothing from.
    least : int
        Fewer test playlists than this are an error; none by default.
    """

    track_ids: pd.Index[str]
    folds: int = 1
    most: int | None = None
    least: int = 0

    def tasks(self, setting: str, collections: Sequence[Collection], sources: Sequence[Collection]) -> list[Task]:
        """Return what `setting` asks for on each of `collections`; a transfer learns on each of `sources`.

        Raises
        ------
        InputError
            If a collection has too few long playlists, or a transfer nothing else to learn from.
        """
        if setting == "transfer":
            tasks = [
                self._transfer(source, test) for test in collections for source in sources if source.name != test.name
            ]
            if not tasks:
                raise InputError("transfer needs two collections of playlists, to learn on one and test on the other")
            return tasks
        build = {"warm": self._warm, "cold": self._cold, "none": self._none}[setting]
        return [task for test in collections for task in self._of_folds(test, build)]

    @cached_property
    def _part_of_tracks(self) -> Rows:
        """Which fifth of all tracks each belongs to: hashed once for all collections and folds."""
        return np.array([chance(name, BY_TRACK) % COLD_PART for name in self.track_ids], dtype=np.intp)

    def _of_folds(self, test: Collection, build: Callable[[Collection, int], Task]) -> list[Task]:
        return [self._checked(build(test, fold)) for fold in range(self.folds)]

    def _warm(self, test: Collection, fold: int) -> Task:
        held = {name: rows for name, rows in test.playlists.items() if fold_of(name) == fold}
        training = [rows for name, rows in test.playlists.items() if fold_of(name) != fold]
        return Task("warm", test.name, test.name, training, split_playlists(held, self.most))

    def _none(self, test: Collection, fold: int) -> Task:
        return replace(self._warm(test, fold), setting="none", learned_on="", training=[])

    def _cold(self, test: Collection, fold: int) -> Task:
        warm = self._warm(test, fold)
        cold = self._part_of_tracks == fold
        hidden = [replace(holdout, hidden=holdout.hidden[cold[holdout.hidden]]) for holdout in warm.tests]
        return replace(
            warm,
            setting="cold",
            training=[rows[~cold[rows]] for rows in warm.training],
            tests=[holdout for holdout in hidden if len(holdout.hidden)],
            candidates=cold,
        )

    def _transfer(self, source: Collection, test: Collection) -> Task:
        tests = split_playlists(test.playlists, self.most)
        # Sampled or not: what is learned does not depend on how many are tested.
        tested = [rows for rows in test.playlists.values() if len(rows) >= MIN_TRACKS]
        training = unlike(list(source.playlists.values()), tested, len(self.track_ids))
        return self._checked(Task("transfer", test.name, source.name, training, tests))

    def _checked(self, task: Task) -> Task:
        # Whoever asks for a small sample gets it.
        least = self.least if self.most is None else min(self.least, self.most)
        if len(task.tests) < least:
            raise InputError(
                f"collection {task.collection!r} has {len(task.tests)} playlists to test on ({task.setting}) that hold "
                f"10 recordings of the catalog, but {least} are needed"
            )
        return task


def unlike(training: Sequence[Rows], tested: Sequence[Rows], n: int) -> list[Rows]:
    """Return the playlists that share less than `SHARED` of the shorter one with each of those that are tested on.

    The same playlist may be in two collections, or another edition of it: it would give away what is hidden.
    """
    if not training or not tested:
        return list(training)
    ours, theirs = Playlists.of(training, n).matrix, Playlists.of(tested, n).matrix
    common = (ours @ theirs.T).tocoo()
    lengths, others = np.diff(ours.indptr)[common.row], np.diff(theirs.indptr)[common.col]
    alike = np.bincount(common.row, common.data >= SHARED * np.minimum(lengths, others), minlength=len(training))
    return [rows for rows, count in zip(training, alike, strict=True) if not count]


def fold_of(playlist_id: str) -> int:
    """Return the fold of a playlist, 0 to 4: the same one whatever the others are."""
    return chance(playlist_id, BY_FOLD) % FOLDS
