"""Choosing how many neighbors the co-listening graph keeps, and how much its background weighs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from segue.models.ranking import top
from segue.models.recommender import Query
from segue.models.spaces.colisten.neighbors import NeighborsSpace
from segue.models.spaces.colisten.playlists import Playlists
from segue.models.vectors import seed_weights

Rows = NDArray[np.intp]

NEIGHBORS = (50, 100, 200, None)
BACKGROUNDS = (10.0, 100.0)
HELD_OUT = 0.2
MOST_LISTENERS = 200
SHORTEST = 10
LISTENERS_AT_ONCE = 50
LISTED = 100
# Beyond this many pairs on playlists, the graph of all neighbors would fill the memory: 800 MB.
MOST_PAIRS = 100_000_000


def fit_neighbors(playlists: Sequence[Rows], n: int, seed: int = 0) -> NeighborsSpace:
    """Find the parameters with which listeners like the playlists find most of what they hide, recall@100.

    A fifth of the playlists (at most 200) stands for listeners, half of each hidden; the others are learned from.

    Parameters
    ----------
    playlists : sequence of ndarray of int
        The rows of the recordings on each training playlist.
    n : int
        How many recordings there are.
    seed : int
        Of the random choice of listeners.

    Returns
    -------
    NeighborsSpace
        Not fitted; of equally good ones the one with the fewest neighbors, and the default if no playlist is long
        enough to tell.
    """
    random = np.random.default_rng(seed)
    order = random.permutation(len(playlists))
    n_held_out = int(HELD_OUT * len(playlists))
    long = [place for place in order[:n_held_out] if len(playlists[place]) >= SHORTEST][:MOST_LISTENERS]
    shuffled = [random.permutation(playlists[place]) for place in long]
    listeners = [(tracks[: len(tracks) // 2], tracks[len(tracks) // 2 :]) for tracks in shuffled]
    learned = Playlists.of([playlists[place] for place in order[n_held_out:]], n)
    spaces = [NeighborsSpace(*parameters) for parameters in product(_possible(playlists), BACKGROUNDS)]
    if not listeners:
        return spaces[-1]
    return spaces[int(np.argmax([_recall(clone(space).fit(learned), listeners) for space in spaces]))]


def _possible(playlists: Sequence[Rows]) -> tuple[int | None, ...]:
    pairs = sum(len(playlist) ** 2 for playlist in playlists)
    return NEIGHBORS if pairs <= MOST_PAIRS else NEIGHBORS[:-1]


def _recall(space: NeighborsSpace, listeners: Sequence[tuple[Rows, Rows]]) -> float:
    """Return the mean share of what is hidden that is among the first 100."""
    found = []
    for start in range(0, len(listeners), LISTENERS_AT_ONCE):
        part = listeners[start : start + LISTENERS_AT_ONCE]
        queries = [Query(seeds, np.ones(len(seeds), np.float32)) for seeds, _ in part]
        for scores, (seeds, hidden) in zip(space.scores(seed_weights(queries, space.n_)), part, strict=True):
            scores[seeds] = -np.inf
            best = space.known_[top(scores[space.known_], LISTED)]
            found.append(np.isin(best, hidden).sum() / len(hidden))
    return float(np.mean(found))
