"""Recommendations for many queries at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from inference_pipeline.reasons import Evidence, find_evidence, phrase
from segue.console import track_progress
from segue.models.blend import Blend
from segue.models.catalog import Catalog
from segue.models.ranking import Query, Ranking, rank

COLUMNS = ("query_id", "rank", "track_id", "score", "reason")


@dataclass(frozen=True)
class Batch:
    """The answers to a seeds file.

    Attributes
    ----------
    table : Table
        query_id, rank (from 1), track_id, score, reason; the queries in the order of the file.
    unknown_tracks : list of str
        Ids among the seeds that the model knows nothing of.
    unanswered : list
        Ids of the queries that have no other seeds, and so no answer.
    n_queries : int
    """

    table: pa.Table
    unknown_tracks: list[str]
    unanswered: list[Any]
    n_queries: int = field(default=0)


def recommend_batch(model: Blend, catalog: Catalog, seeds: pd.DataFrame, k: int) -> Batch:
    """Recommend up to `k` recordings for each query of `seeds` (as `read_seeds` returns them), never a seed."""
    codes, query_ids = pd.factorize(seeds["query_id"])
    rows = model.rows(catalog.recordings_of(seeds["track_id"]))
    known = pd.DataFrame({"query": codes, "row": rows, "preference": seeds["preference"].to_numpy()})[rows >= 0]
    # The same recording twice, perhaps under two ids: its preference is their mean.
    merged = known.groupby(["query", "row"])["preference"].mean().reset_index()
    answered = np.sort(merged["query"].unique())
    queries = list(_split(merged))
    # Only what is still in the catalog can be recommended, whatever the model was trained on.
    candidates = catalog.recommendable(model.track_ids)
    rankings = track_progress(
        rank(model, queries, k, candidates, model.artists, model.discount), "Recommending", len(queries)
    )
    answers = [
        (ranking, find_evidence(model, query, ranking)) for query, ranking in zip(queries, rankings, strict=True)
    ]
    return Batch(
        _table(model, catalog, query_ids, answered, answers),
        sorted(set(seeds.loc[rows < 0, "track_id"].dropna())),
        query_ids[~np.isin(np.arange(len(query_ids)), answered)].tolist(),
        len(query_ids),
    )


def _split(merged: pd.DataFrame) -> Iterator[Query]:
    """Cut seeds that are ordered by query into one `Query` each."""
    starts = np.flatnonzero(np.diff(merged["query"].to_numpy())) + 1
    for seeds, preferences in zip(
        np.split(merged["row"].to_numpy(), starts), np.split(merged["preference"].to_numpy(), starts), strict=True
    ):
        if len(seeds):
            yield Query(seeds, preferences)


def _table(
    model: Blend, catalog: Catalog, query_ids: Any, answered: Any, answers: list[tuple[Ranking, Evidence]]
) -> pa.Table:
    lengths = [len(ranking.rows) for ranking, _ in answers]
    rows = np.concatenate([np.empty(0, np.intp), *(ranking.rows for ranking, _ in answers)])
    scores = np.concatenate([np.empty(0, np.float32), *(ranking.scores for ranking, _ in answers)])
    ranks = np.concatenate([np.empty(0, np.intp), *(np.arange(1, length + 1) for length in lengths)])
    reasons = phrase(model, catalog, [found for _, found in answers]) if answers else pa.array([], pa.string())
    ids = pa.array(pd.Series(query_ids[answered])).take(pa.array(np.repeat(np.arange(len(answers)), lengths)))
    tracks = pa.array(model.track_ids).take(pa.array(rows))
    return pa.table([ids, ranks, tracks, scores.astype(np.float64), reasons], names=list(COLUMNS))
