"""What every model is to those who use it: something that scores recordings for a listener, and can say why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray


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


class Recommender(Protocol):
    """A model of the catalog's recordings."""

    @property
    def track_ids(self) -> pd.Index[str]:
        """The recording of each row, shape (n,)."""

    def rows(self, track_ids: Sequence[str] | pd.Series | pd.Index) -> NDArray[np.intp]:
        """Return the row of each recording; -1 where it is not in this model."""

    def scores(self, queries: Sequence[Query], candidates: NDArray[np.bool_] | None = None) -> NDArray[np.float32]:
        """Return a score for each query and row, shape (len(queries), n); higher is better, seeds are not excluded.

        Of what may not be recommended (`candidates`, shape (n,); all may by default) the scores do not matter.
        """

    def terms(self, query: Query, rows: NDArray[np.intp]) -> Mapping[str, NDArray[np.float32]]:
        """Return what each seed adds to the scores of `rows`, by space: each of shape (len(rows), len(seeds))."""
