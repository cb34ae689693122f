"""Blends of blocks, with weights under which playlists that are held out find what they hide."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from segue.models.conditional_logit import Choice, fit_choices
from segue.models.fitting import HELD_OUT, SHORTEST, alternatives, halve, listeners_at_once
from segue.models.recommender import Query
from segue.models.vectors import seed_weights
from training_pipeline.evaluation.baselines.baseline import Baseline, Block, Weighed, blend
from training_pipeline.evaluation.baselines.content import BY_HAND
from training_pipeline.evaluation.baselines.learned_blocks import Learner
from training_pipeline.holdout import Rows

Blocks = Mapping[str, Block]
Listeners = Sequence[tuple[Rows, Rows]]
# By which likely alternatives are found before there are weights, and the weights if no playlist is long enough.
GUESS = BY_HAND | {"artist graph": 1.0, "predicted": 1.0, "co-occurrence": 0.1, "ALS": 3.0}
DECIMALS = 6


def fit_content(recordings: pd.DataFrame, playlists: Sequence[Rows]) -> Baseline:
    """Return the baseline of what the catalog says: genre, audio, year, artist and raw popularity."""
    return _fit(recordings, playlists, Learner(recordings).content)


def fit_predicted(recordings: pd.DataFrame, playlists: Sequence[Rows]) -> Baseline:
    """Return the baseline of content, the graph of artists and predicted co-listening."""
    return _fit(recordings, playlists, Learner(recordings).predicted)


def fit_all(recordings: pd.DataFrame, playlists: Sequence[Rows]) -> Baseline:
    """Return the baseline of all blocks: these, item co-occurrence and ALS."""
    return _fit(recordings, playlists, Learner(recordings).everything)


def _fit(recordings: pd.DataFrame, playlists: Sequence[Rows], learn: Callable[[Sequence[Rows]], Blocks]) -> Baseline:
    """Fit the weights to a fifth of the playlists, with blocks learned from the others; then learn from all."""
    random = np.random.default_rng(0)
    order = random.permutation(len(playlists))
    held_out, rest = np.split(order, [int(HELD_OUT * len(playlists))])
    listeners = [halve(playlists[place], random) for place in held_out if len(playlists[place]) >= SHORTEST]
    choices = list(_choices(learn([playlists[place] for place in rest]), listeners, len(recordings), random))
    blocks = learn(playlists)
    weights = fit_choices(choices).tolist() if choices else [GUESS[name] for name in blocks]
    return Weighed(recordings, blend(blocks, dict(zip(blocks, weights, strict=True))))


def _choices(blocks: Blocks, listeners: Listeners, n: int, random: np.random.Generator) -> Iterator[Choice]:
    """Yield what each listener chose among all that are not seeds."""
    for block in listeners_at_once(len(listeners), n):
        part = listeners[block]
        queries = [Query(seeds, np.ones(len(seeds), np.float32)) for seeds, _ in part]
        weights = seed_weights(queries, n)
        scores = {name: block(weights) for name, block in blocks.items()}
        for place, (seeds, hidden) in enumerate(part):
            allowed = np.ones(n, bool)
            allowed[seeds] = allowed[hidden] = False
            guess = np.asarray(sum(GUESS[name] * scores[name][place] for name in blocks))
            for rows, log_weights in alternatives(hidden, np.flatnonzero(allowed), guess, random):
                features = np.stack([scores[name][place, rows] for name in blocks], axis=1)
                # Only differences count to a listener, and what rounding makes is none.
                differences = np.round(features - features.mean(axis=0, dtype=np.float64), DECIMALS)
                yield Choice(differences.astype(np.float32), log_weights, len(hidden))
