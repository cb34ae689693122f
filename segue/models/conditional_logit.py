"""The conditional logit: weights under which what was chosen is likely among what could have been.

McFadden, "Conditional logit analysis of qualitative choice behavior", 1974.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from segue.models.vectors import Vectors

MOST_STEPS = 200
ROUNDING = 1e-5
"""What varies by less than this share of its size varies by rounding: it gets no weight instead of a huge one."""


@dataclass(frozen=True)
class Choice:
    """What one listener chose, and what they could have chosen.

    Attributes
    ----------
    features : ndarray of float32, shape (m, d)
        Of the alternatives; the chosen ones come first.
    log_weights : ndarray of float32, shape (m,)
        What is added to the logits whatever the weights: the log of how many alternatives each stands for, or of how
        likely it was before.
    n_chosen : int
    """

    features: Vectors
    log_weights: Vectors
    n_chosen: int


def fit_choices(choices: Sequence[Choice], penalty: float = 1e-3) -> NDArray[np.float64]:
    """Return the d weights that maximize the mean log probability of what was chosen; each listener counts the same.

    Parameters
    ----------
    choices : sequence of Choice
        At least one.
    penalty : float
        Of the squared weights of standardized features.
    """
    features = np.concatenate([choice.features for choice in choices])
    log_weights = np.concatenate([choice.log_weights for choice in choices])
    lengths = np.array([len(choice.features) for choice in choices])
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    listener = np.repeat(np.arange(len(choices)), lengths)
    counts = np.array([choice.n_chosen for choice in choices])
    place = np.arange(len(features)) - np.repeat(starts, lengths)
    shares = np.where(place < counts[listener], 1 / counts[listener], 0)
    deviations = features.std(axis=0)
    deviations = np.where(deviations > ROUNDING * np.abs(features).max(axis=0), deviations, np.inf)

    def loss(standardized: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = features @ (standardized / deviations).astype(np.float32) + log_weights
        highest = np.maximum.reduceat(logits, starts)
        chances = np.exp(logits - highest[listener])
        sums = np.add.reduceat(chances, starts)
        likelihood = shares @ logits - (np.log(sums) + highest).sum()
        gradient = (shares - chances / sums[listener]) @ features / deviations
        n = len(choices)
        squares = float(standardized @ standardized)
        return -likelihood / n + penalty / 2 * squares, -gradient / n + penalty * standardized

    start = np.zeros(features.shape[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": MOST_STEPS})
    return np.asarray(found.x / deviations)
