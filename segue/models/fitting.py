"""Fitting the weights of the hybrid on simulated listeners: playlists that are taken out, half of each hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from segue.console import track_progress
from segue.models.chances import Weights
from segue.models.conditional_logit import Choice, fit_choices
from segue.models.content import Content
from segue.models.hybrid import DEFAULT_WEIGHTS, KNOWN, UNKNOWN, place_by_playlists
from segue.models.recommender import Query
from segue.models.spaces.colisten.neighbors import NeighborsSpace
from segue.models.spaces.colisten.playlists import Playlists
from segue.models.spaces.space import Space
from segue.models.vectors import Vectors, seed_weights

Rows = NDArray[np.intp]

HELD_OUT = 0.2
DROPPED = (0.3, 0.8)
"""Share of all tracks that is taken out of the playlists: once for each group of listeners that is held out."""
SHORTEST = 10
LISTENERS_AT_ONCE = 32
MOST_SCORES = 6_400_000
"""Listeners times recordings that every space scores at once, 26 MB each: in a larger catalog, fewer listeners."""
HARD, RANDOM, FEWEST = 400, 600, 20
# How likely alternatives are found before there are weights: the defaults, and what playlists add.
FIRST_GUESS = ({**DEFAULT_WEIGHTS, "neighbors": 1.0}, {**DEFAULT_WEIGHTS, "kind": 0.4})


@dataclass(frozen=True)
class _World:
    """Recordings that share their weights, and what was chosen among them."""

    names: Sequence[str]
    guess: dict[str, float]
    choices: list[Choice] = field(default_factory=list)

    def weights(self) -> dict[str, float]:
        if not self.choices:
            return {name: self.guess.get(name, 0.0) for name in self.names}
        return dict(zip(self.names, fit_choices(self.choices).tolist(), strict=True))


def fit_weights(
    content: Content, playlists: Sequence[Rows], neighbors: NeighborsSpace | None = None, seed: int = 0
) -> Weights | None:
    """Find the weights under which listeners like the playlists find what they hide.

    Twice a fifth of the playlists stands for listeners. Each time the others are learned from: as they are, and with
    many tracks taken out of them, for there will be listeners of whose tracks the playlists know few.

    Parameters
    ----------
    content : Content
    playlists : sequence of ndarray of int
        The rows of the recordings on each.
    neighbors : NeighborsSpace, optional
        With the parameters that the model will have; its defaults by default.
    seed : int
        Of the random choice of listeners.

    Returns
    -------
    Weights or None
        None where no playlist is long enough.
    """
    random = np.random.default_rng(seed)
    order = random.permutation(len(playlists))
    n_held_out = int(HELD_OUT * len(playlists))
    known, unknown = _World(KNOWN, FIRST_GUESS[0]), _World(UNKNOWN, FIRST_GUESS[1])
    n = len(content.recordings)
    for turn, dropped in enumerate(track_progress(DROPPED, "Fitting weights", len(DROPPED))):
        held_out = np.sort(order[turn * n_held_out : (turn + 1) * n_held_out])
        listeners = [halve(playlists[place], random) for place in held_out if len(playlists[place]) >= SHORTEST]
        rest = [playlists[place] for place in np.setdiff1d(order, held_out)]
        for gone in (np.zeros(n, bool), random.random(n) < dropped):
            learned = Playlists.of([playlist[~gone[playlist]] for playlist in rest], n)
            if len(learned.known):
                spaces = content.spaces | place_by_playlists(content, learned, neighbors or NeighborsSpace())
                _simulate(spaces, learned, listeners, (known, unknown), random)
    if not known.choices:
        return None
    return Weights(unknown.weights(), known.weights())


def halve(playlist: Rows, random: np.random.Generator) -> tuple[Rows, Rows]:
    """Return the seeds and what is hidden: half of a playlist each, at random."""
    shuffled = random.permutation(playlist)
    return np.sort(shuffled[: len(playlist) // 2]), shuffled[len(playlist) // 2 :]


def listeners_at_once(n_listeners: int, n: int) -> Iterator[slice]:
    """Yield the slices of listeners for whom `n` recordings are scored together."""
    step = min(LISTENERS_AT_ONCE, max(1, MOST_SCORES // n))
    yield from (slice(start, min(start + step, n_listeners)) for start in range(0, n_listeners, step))


def _simulate(
    spaces: Mapping[str, Space],
    learned: Playlists,
    listeners: Sequence[tuple[Rows, Rows]],
    worlds: tuple[_World, _World],
    random: np.random.Generator,
) -> None:
    """Add what each listener chose among the recordings that the playlists know, and among the others."""
    supports = (learned.counts > 0, learned.counts == 0)
    for block in listeners_at_once(len(listeners), len(learned.counts)):
        part = listeners[block]
        queries = [Query(seeds, np.ones(len(seeds), np.float32)) for seeds, _ in part]
        weights = seed_weights(queries, len(learned.counts))
        scores = {name: space.scores(weights) for name, space in spaces.items()}
        for world, support in zip(worlds, supports, strict=True):
            guess = np.asarray(sum(weight * scores[name] for name, weight in world.guess.items()))
            for place, (seeds, hidden) in enumerate(part):
                allowed = support.copy()
                allowed[seeds] = allowed[hidden] = False
                chosen = hidden[support[hidden]]
                for rows, log_weights in alternatives(chosen, np.flatnonzero(allowed), guess[place], random):
                    features = np.stack([scores[name][place, rows] for name in world.names], axis=1)
                    world.choices.append(Choice(features, log_weights, len(chosen)))


def alternatives(
    chosen: Rows, others: Rows, guess: Vectors, random: np.random.Generator
) -> Iterator[tuple[Rows, Vectors]]:
    """Yield what was chosen, the likeliest others, and a sample of the rest, with log weights; nothing if too few.

    Parameters
    ----------
    chosen, others : ndarray of int
        Rows that a listener chose, and all that they could have chosen instead.
    guess : ndarray of float, shape (n,)
        A score of all rows by which the likeliest others are found.
    random : Generator
        Draws the sample.

    Yields
    ------
    rows : ndarray of int, shape (m,)
        The chosen ones come first.
    log_weights : ndarray of float32, shape (m,)
        The log of how many rows each stands for.
    """
    if not len(chosen) or len(others) < FEWEST:
        return
    hard = min(HARD, len(others))
    ordered = others[np.argpartition(-guess[others], hard - 1)]
    rest = ordered[hard:]
    sample = random.choice(rest, min(RANDOM, len(rest)), replace=False)
    log_weights = np.zeros(len(chosen) + hard + len(sample), np.float32)
    log_weights[len(chosen) + hard :] = np.log(max(len(rest), 1) / max(len(sample), 1))
    yield np.concatenate([chosen, ordered[:hard], sample]), log_weights
