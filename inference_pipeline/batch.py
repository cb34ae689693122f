"""Recommendations for many queries at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from inference_pipeline.library import Library
from inference_pipeline.lookup import leads_elsewhere
from inference_pipeline.reasons import BEST, Evidence, find_evidence, phrase
from inference_pipeline.sound import LEAST
from segue.console import track_progress
from segue.errors import InputError
from segue.models.catalog import LABELS
from segue.models.ranking import Query, Ranking, rank
from segue.models.threads import single_threaded

COLUMNS = ("query_id", "rank", "track_id", "title", "artists", "score", "reason")
CATALOG_COLUMNS = (*LABELS, *LEAST)
"""What the catalog must be read with, for every reason to be as full as it can be."""


@dataclass(frozen=True)
class Batch:
    """The answers to a seeds file.

    Attributes
    ----------
    table : Table
        query_id; rank, from 1; track_id, title and artists, as the catalog has them; score; reason. The queries in
        the order of the file. Scores order the tracks of one query, and say nothing between queries or models: they
        are log probabilities, of which an artist's later tracks lose some.
    unknown_tracks : list of str
        Ids among the seeds that the model knows nothing of.
    unanswered : list
        Ids of the queries without any seed that is known and liked, and so without an answer.
    n_queries : int
    """

    table: pa.Table
    unknown_tracks: list[str]
    unanswered: list[Any]
    n_queries: int = field(default=0)


def recommend_batch(library: Library, seeds: pd.DataFrame, k: int) -> Batch:
    """Recommend up to `k` recordings for each query of `seeds` (as `read_seeds` returns them), never a seed.

    Parameters
    ----------
    library : Library
        Its catalog read with `CATALOG_COLUMNS`.

    Raises
    ------
    InputError
        If there is no query at all that can be answered.
    """
    model, catalog = library.model, library.catalog
    codes, query_ids = pd.factorize(seeds["query_id"])
    rows = model.rows(catalog.recordings_of(seeds["track_id"]))
    known = pd.DataFrame({"query": codes, "row": rows, "preference": seeds["preference"].to_numpy()})[rows >= 0]
    # The same recording twice, perhaps under two ids: its preference is their mean.
    merged = known.groupby(["query", "row"])["preference"].mean().reset_index()
    # What somebody dislikes says what to leave out, but not what to begin with.
    answered = np.sort(merged.loc[merged["preference"] > 0, "query"].unique())
    merged = merged[merged["query"].isin(answered)]
    if not len(answered):
        raise _unanswerable(seeds, rows)
    queries = list(_split(merged))
    # Only what is still in the catalog can be recommended, whatever the model was trained on.
    found = rank(model, queries, max(k, BEST), library.recommendable, model.artists, model.discount)
    rankings = track_progress(found, "Recommending", len(queries))
    with single_threaded():
        answers = [_explained(library, query, ranking, k) for query, ranking in zip(queries, rankings, strict=True)]
    return Batch(
        _table(library, query_ids, answered, answers),
        sorted(set(seeds.loc[rows < 0, "track_id"].dropna())),
        query_ids[~np.isin(np.arange(len(query_ids)), answered)].tolist(),
        len(query_ids),
    )


def _unanswerable(seeds: pd.DataFrame, rows: Any) -> InputError:
    if (rows >= 0).any():
        return InputError("there is no liked seed to start from: give at least one a preference above 0")
    first = unknown_name(seeds["track_id"].iloc[0])
    return InputError(
        f"the model knows none of these {len(seeds):,} seeds, first {first}: are they "
        "Spotify track ids of tracks in the catalog? New ones come with `segue features`, then `segue train`"
    )


def unknown_name(track_id: str) -> str:
    """Return how to name a seed that the model does not know, with what it is where it is a link to something else."""
    elsewhere = leads_elsewhere(track_id)
    return f"{track_id!r} ({elsewhere}, not to a track)" if elsewhere else repr(track_id)


def _split(merged: pd.DataFrame) -> Iterator[Query]:
    """Cut seeds that are ordered by query into one `Query` each."""
    starts = np.flatnonzero(np.diff(merged["query"].to_numpy())) + 1
    for seeds, preferences in zip(
        np.split(merged["row"].to_numpy(), starts), np.split(merged["preference"].to_numpy(), starts), strict=True
    ):
        yield Query(seeds, preferences)


def _explained(library: Library, query: Query, ranking: Ranking, k: int) -> tuple[Ranking, Evidence]:
    first = np.arange(min(k, len(ranking.rows)))
    listed = replace(ranking, rows=ranking.rows[first], scores=ranking.scores[first])
    return listed, find_evidence(library.model, query, ranking, first, library.audible)


def _table(library: Library, query_ids: Any, answered: Any, answers: list[tuple[Ranking, Evidence]]) -> pa.Table:
    lengths = [len(ranking.rows) for ranking, _ in answers]
    rows = np.concatenate([ranking.rows for ranking, _ in answers])
    scores = np.concatenate([ranking.scores for ranking, _ in answers])
    ranks = np.concatenate([np.arange(1, length + 1) for length in lengths])
    reasons = phrase(library.wording, [found for _, found in answers])
    ids = pa.array(pd.Series(query_ids[answered])).take(pa.array(np.repeat(np.arange(len(answers)), lengths)))
    tracks = library.model.track_ids[rows]
    named = library.catalog.recordings[["title", "artists"]].reindex(tracks)
    columns = [ids, ranks, tracks, named["title"], named["artists"], scores.astype(np.float64), reasons]
    return pa.table([pa.array(column) for column in columns], names=list(COLUMNS))
