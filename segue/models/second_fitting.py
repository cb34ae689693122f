"""Fitting the second stage: on shortlists that the first makes for playlists which it has not seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from segue.console import track_progress
from segue.models.blend import Blend
from segue.models.chances import Weights
from segue.models.conditional_logit import Choice, fit_choices
from segue.models.content import Content
from segue.models.fitting import SHORTEST, Rows, halve
from segue.models.hybrid import blend
from segue.models.recommender import Query
from segue.models.second_stage import SecondStage
from segue.models.spaces.colisten.neighbors import NeighborsSpace
from segue.models.spaces.colisten.playlists import Playlists

FOLDS = 5
PENALTY = 3e-3
LISTENERS_AT_ONCE = 24
LEAST = 100
"""Fewer listeners' choices than this cannot teach two dozen weights: then the first stage stands alone."""
UNKNOWN, KNOWN = 0, 1
"""The worlds, as `Blend.shortlists` has them."""


@dataclass(frozen=True)
class _Situation:
    """In which the weights of a world are learned.

    What the playlists do not know is learned of where nothing else may be recommended: a quarter of all recordings is
    taken out of the playlists for that.
    """

    world: int
    taken_out: float


SITUATIONS = (_Situation(KNOWN, 0.0), _Situation(UNKNOWN, 0.25))


def fit_second_stage(
    content: Content, playlists: Sequence[Rows], weights: Weights, neighbors: NeighborsSpace, seed: int = 0
) -> SecondStage:
    """Find the weights under which the shortlists of listeners like the playlists begin with what they hide.

    Each fifth of the playlists stands for listeners once, half of each hidden, and the first stage learns from the
    others.

    Parameters
    ----------
    content : Content
    playlists : sequence of ndarray of int
        The rows of the recordings on each.
    weights : Weights
        Of the first stage.
    neighbors : NeighborsSpace
        With the parameters that the model will have.
    seed : int
        Of the random choices.
    """
    random = np.random.default_rng(seed)
    order = random.permutation(len(playlists))
    choices: tuple[list[Choice], list[Choice]] = ([], [])
    for fold in track_progress(range(FOLDS), "Fitting the second stage", FOLDS):
        held_out = np.sort(order[fold::FOLDS])
        listeners = [halve(playlists[place], random) for place in held_out if len(playlists[place]) >= SHORTEST]
        rest = [playlists[place] for place in np.setdiff1d(order, held_out)]
        for situation in SITUATIONS:
            taken_out = random.random(len(content.recordings)) < situation.taken_out
            learned = Playlists.of([playlist[~taken_out[playlist]] for playlist in rest], len(taken_out))
            candidates = taken_out if situation.taken_out else ~taken_out
            if len(learned.known):
                model = blend(content, learned, weights, neighbors)
                second = SecondStage.of(content, learned)
                choices[situation.world].extend(_choices(model, second, listeners, candidates, situation.world))
    unfitted = SecondStage.of(content, Playlists.of(playlists, len(content.recordings)))
    return replace(unfitted, weights=[_weights(of_world) for of_world in choices])


def _choices(
    model: Blend,
    second: SecondStage,
    listeners: Sequence[tuple[Rows, Rows]],
    candidates: NDArray[np.bool_],
    world: int,
) -> Iterator[Choice]:
    """Yield what each listener chose from their shortlist, if anything."""
    for start in range(0, len(listeners), LISTENERS_AT_ONCE):
        part = listeners[start : start + LISTENERS_AT_ONCE]
        queries = [Query(seeds, np.ones(len(seeds), np.float32)) for seeds, _ in part]
        for query, listener, (_, hidden) in zip(queries, model.first.listeners(queries), part, strict=True):
            shortlist = model.shortlists(second, query, listener, candidates)[world]
            chosen = np.isin(shortlist.rows, hidden)
            if chosen.any():
                order = np.argsort(~chosen, kind="stable")
                likely = listener.scores[shortlist.places[order]]
                yield Choice(shortlist.features[order], likely, int(chosen.sum()))


def _weights(choices: Sequence[Choice]) -> NDArray[np.float32]:
    """Return the weights that a world's choices were made by: beside the chances of the first stage."""
    return fit_choices(choices, PENALTY).astype(np.float32) if len(choices) >= LEAST else np.empty(0, np.float32)
