"""How well a model finds the hidden halves of playlists, and what kind of lists it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segue.models.ranking import Ranking, rank
from segue.models.recommender import Query, Recommender
from training_pipeline.holdout import Holdout
from training_pipeline.metrics.clicks import clicks
from training_pipeline.metrics.coverage import coverage
from training_pipeline.metrics.distinct_artists import distinct_artists
from training_pipeline.metrics.intra_list_similarity import intra_list_similarity
from training_pipeline.metrics.ndcg import ndcg
from training_pipeline.metrics.popularity import mean_popularity
from training_pipeline.metrics.r_precision import r_precision
from training_pipeline.metrics.recall import recall

LONGEST = 500
LISTED = 100
NORMAL_95 = 1.96


@dataclass(frozen=True)
class Facts:
    """What is known of each row, to describe lists by; the same for every method.

    Attributes
    ----------
    artists : ndarray of int, shape (n,)
        A number for each first artist.
    percentiles : ndarray of float, shape (n,)
        Popularity, 0 to 1; NaN where it is not known.
    vectors : ndarray of float32, shape (n, d)
        What each sounds like, as unit rows.
    """

    artists: NDArray[np.intp]
    percentiles: NDArray[np.float32]
    vectors: NDArray[np.float32]


@dataclass(frozen=True)
class Measured:
    """What was measured.

    Attributes
    ----------
    results : DataFrame
        One row for each playlist, indexed by playlist_id; one column for each metric.
    coverage : float
        Share of the candidates that are on at least one list of 100.
    """

    results: pd.DataFrame
    coverage: float

    def summary(self) -> dict[str, float]:
        """Return the mean of each metric, and the half width of its 95 % interval as ``…_interval``."""
        if self.results.empty:
            return {}
        summary = {"playlists": float(len(self.results))}
        for name, values in self.results.items():
            summary[str(name)], summary[f"{name}_interval"] = mean_and_interval(values.to_numpy())
        return summary | {"coverage_at_100": self.coverage}


def mean_and_interval(values: NDArray[np.floating[Any]]) -> tuple[float, float]:
    """Return the mean of what is not NaN, and the half width of its 95 % interval; NaN where there is nothing."""
    known = values[~np.isnan(values)]
    if not len(known):
        return float("nan"), float("nan")
    return float(known.mean()), NORMAL_95 * float(known.std()) / float(np.sqrt(len(known)))


def measure(
    model: Recommender,
    holdouts: Sequence[Holdout],
    facts: Facts,
    candidates: NDArray[np.bool_] | None = None,
    discount: float = 0.0,
) -> Measured:
    """Let `model` find what is hidden.

    Parameters
    ----------
    model : Recommender
    holdouts : sequence of Holdout
        Rows of the model.
    facts : Facts
        Of the model's rows.
    candidates : ndarray of bool, shape (n,), optional
        The rows that may be recommended; all by default.
    discount : float
        Of further tracks of the same artist, as `rank` takes it.
    """
    queries = [Query(holdout.seeds, np.ones(len(holdout.seeds), np.float32)) for holdout in holdouts]
    rankings = rank(model, queries, LONGEST, candidates, facts.artists, discount)
    rows, lists = [], []
    for ranking, holdout in zip(rankings, holdouts, strict=True):
        rows.append(_row(ranking, holdout, facts))
        lists.append(ranking.rows[:LISTED])
    n_candidates = len(model.track_ids) if candidates is None else int(candidates.sum())
    index = pd.Index([holdout.playlist_id for holdout in holdouts], name="playlist_id")
    return Measured(pd.DataFrame(rows, index=index), coverage(lists, max(1, n_candidates)))


def together(parts: Sequence[Measured]) -> Measured:
    """Return what was measured in several folds as one; the coverage is that of a fold, on average."""
    return Measured(pd.concat([part.results for part in parts]), float(np.mean([part.coverage for part in parts])))


def _row(ranking: Ranking, holdout: Holdout, facts: Facts) -> dict[str, float]:
    ranked, hidden = ranking.rows, holdout.hidden
    return {
        "recall_at_10": recall(ranked, hidden, at=10),
        "recall_at_100": recall(ranked, hidden, at=LISTED),
        "recall_at_500": recall(ranked, hidden, at=LONGEST),
        "r_precision": r_precision(ranked, hidden),
        "ndcg_at_500": ndcg(ranked, hidden, at=LONGEST),
        "clicks": clicks(ranked, hidden, at=LONGEST),
        "artists_at_100": distinct_artists(ranked, facts.artists, at=LISTED),
        "popularity_at_100": mean_popularity(ranked, facts.percentiles, at=LISTED),
        "similarity_at_100": intra_list_similarity(ranked, facts.vectors, at=LISTED),
    }
