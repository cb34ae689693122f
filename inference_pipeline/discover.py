"""The playlist "discover": what a listener has not played yet, and should like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from inference_pipeline.filters import known_rows
from inference_pipeline.preferences import preferences
from inference_pipeline.reasons import find_evidence, labels, phrase
from inference_pipeline.rerank import cap_artists
from segue.errors import InputError
from segue.models.catalog import Catalog
from segue.models.ranking import Query, Ranking, rank
from segue.models.space_model import SpaceModel

LENGTH = 50
MOST_PER_ARTIST = 2
FAVORITES = 2
# So many are looked at first; only where the artist cap uses them up, all of them.
SHORTLIST = 2000


@dataclass(frozen=True)
class Playlist:
    """A playlist to be.

    Attributes
    ----------
    tracks : DataFrame
        rank, track_id, score, reason.
    favorites : list of str
        The two recordings that the listener likes best, as ``title by artist``.
    """

    tracks: pd.DataFrame
    favorites: list[str]


def discover(model: SpaceModel, catalog: Catalog, listens: pd.DataFrame) -> Playlist:
    """Recommend up to `LENGTH` recordings that the listener has not played, at most `MOST_PER_ARTIST` by any artist.

    Raises
    ------
    InputError
        If none of their tracks is in the catalog.
    """
    liked = preferences(listens, catalog)
    rows = model.rows(liked.index)
    query = Query(rows[rows >= 0], liked.to_numpy()[rows >= 0])
    if not len(query.seeds):
        raise InputError("none of their tracks is in the catalog: add datasets and run `segue features`")
    candidates = catalog.recommendable(model.track_ids)
    candidates[known_rows(model, catalog, listens)] = False
    ranking = _choose(model, catalog, query, candidates)
    tracks = pd.DataFrame(
        {
            "rank": np.arange(1, len(ranking.rows) + 1),
            "track_id": model.track_ids[ranking.rows],
            "score": ranking.scores.astype(np.float64),
            "reason": phrase(model, catalog, [find_evidence(model, query, ranking)]).to_pylist(),
        }
    )
    return Playlist(tracks, labels(catalog, model.track_ids[query.seeds[:FAVORITES]]))


def _choose(model: SpaceModel, catalog: Catalog, query: Query, candidates: np.ndarray) -> Ranking:
    for most in (SHORTLIST, len(candidates)):
        ranking = next(rank(model, [query], most, candidates))
        chosen = cap_artists(model, catalog, ranking.rows, MOST_PER_ARTIST, LENGTH)
        if len(chosen) == LENGTH:
            break
    return Ranking(ranking.rows[chosen], ranking.scores[chosen], ranking.regressor)
