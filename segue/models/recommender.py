"""What every model is to those who use it: something that scores recordings for a listener, and can say why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from segue.models.tastes import Taste


@dataclass(frozen=True)
class Query:
    """What a recommendation starts from.

    Attributes
    ----------
    seeds : ndarray of int, shape (m,)
        Rows of the model, each once.
    preferences : ndarray of float, shape (m,)
        How much each is liked, -1 (disliked) to 1.
    """

    seeds: NDArray[np.intp]
    preferences: NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Emphasis:
    """What a second stage adds to the weights of spaces, for one listener and the recordings on a shortlist.

    Attributes
    ----------
    rows : ndarray of int, shape (m,)
        The shortlist.
    weights : mapping of str to float
        By the name of the space.
    by_artist : float
        The weight of log(1 + liked seeds by the same first artist).
    """

    rows: NDArray[np.intp]
    weights: Mapping[str, float]
    by_artist: float


@dataclass(frozen=True)
class Basis:
    """How a query's scores came about, beside the model and the query: what the terms behind them need.

    Attributes
    ----------
    tastes : sequence of Taste
        The query, as it was split.
    emphasis : sequence of Emphasis
        Of each shortlist.
    """

    tastes: Sequence[Taste]
    emphasis: Sequence[Emphasis] = ()


@dataclass(frozen=True)
class Answer:
    """What a model makes of a query.

    Attributes
    ----------
    scores : ndarray of float32, shape (l,)
        Higher is better, seeds are not excluded. A fresh array: the caller may write into it.
    basis : Basis or None
        For `Recommender.terms`; None where a model does not say why.
    rows : ndarray of int, shape (l,), or None
        What was scored; None for every row.
    """

    scores: NDArray[np.float32]
    basis: Basis | None = None
    rows: NDArray[np.intp] | None = None


class Recommender(Protocol):
    """A model of the catalog's recordings."""

    @property
    def track_ids(self) -> pd.Index[str]:
        """The recording of each row, shape (n,)."""

    def rows(self, track_ids: Sequence[str] | pd.Series | pd.Index) -> NDArray[np.intp]:
        """Return the row of each recording; -1 where it is not in this model."""

    def answers(
        self, queries: Sequence[Query], candidates: NDArray[np.bool_] | None = None, k: int | None = None
    ) -> Sequence[Answer]:
        """Return the answer to each query.

        Of what may not be recommended (`candidates`, shape (n,); all may by default) the scores do not matter, and
        nothing needs one that is hardly among the `k` best of the others.
        """

    def terms(
        self, query: Query, rows: NDArray[np.intp], basis: Basis | None = None
    ) -> Mapping[str, NDArray[np.float32]]:
        """Return what each seed adds to the scores of `rows`, by space: each of shape (len(rows), len(seeds)).

        With the `basis` of an answer these are the scores of that answer.
        """
