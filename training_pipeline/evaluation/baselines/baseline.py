"""What the baselines share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segue.groups import DTYPES
from segue.models.recommender import Answer, Basis, Query
from segue.models.vectors import seed_weights

if TYPE_CHECKING:
    import scipy.sparse as sp

Scores = NDArray[np.float32]
Block = Callable[["sp.csr_array"], NDArray[Any]]
"""From a sparse row of seed weights for each query to scores, shape (queries, recordings)."""


class Baseline(ABC):
    """A recommender that gives no reasons.

    Parameters
    ----------
    recordings : DataFrame
        The catalog, indexed by track_id.
    """

    discount = 0.0

    def __init__(self, recordings: pd.DataFrame) -> None:
        self.track_ids = recordings.index

    def rows(self, track_ids: Sequence[str] | pd.Series | pd.Index) -> NDArray[np.intp]:
        """Return the row of each recording; -1 where it is not in the catalog."""
        return np.asarray(self.track_ids.get_indexer(pd.Index(track_ids, dtype=DTYPES["text"])))

    @abstractmethod
    def scores(self, queries: Sequence[Query]) -> Scores:
        """Return a score for each query and recording; higher is better."""

    def answers(
        self,
        queries: Sequence[Query],
        candidates: NDArray[np.bool_] | None = None,  # noqa: ARG002 - of the protocol
        k: int | None = None,  # noqa: ARG002 - of the protocol
    ) -> list[Answer]:
        """Return the scores of each query."""
        return [Answer(scores) for scores in self.scores(queries)]

    def terms(
        self,
        query: Query,  # noqa: ARG002 - of the protocol
        rows: NDArray[np.intp],  # noqa: ARG002 - of the protocol
        basis: Basis | None = None,  # noqa: ARG002 - of the protocol
    ) -> dict[str, Scores]:
        """Return nothing: a baseline does not say why."""
        return {}


class Weighed(Baseline):
    """A recommender whose scores depend on the seeds through one function of their weights.

    Parameters
    ----------
    recordings : DataFrame
        The catalog, indexed by track_id.
    score : Block
        The function.
    """

    def __init__(self, recordings: pd.DataFrame, score: Block) -> None:
        super().__init__(recordings)
        self._score = score

    def scores(self, queries: Sequence[Query]) -> Scores:
        """Return a score for each query and recording; higher is better."""
        return np.asarray(self._score(seed_weights(queries, len(self.track_ids))), dtype=np.float32)


def blend(blocks: Mapping[str, Block], weights: Mapping[str, float]) -> Block:
    """Return the sum of those blocks that have a weight, each times its own."""

    def score(seeds: sp.csr_array) -> Scores:
        total = np.zeros(seeds.shape, np.float32)
        for name, weight in weights.items():
            total += weight * blocks[name](seeds)
        return total

    return score
