"""Making one playlist for one listener: candidates → filters → a varied choice → order → reasons."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from inference_pipeline.chain import Sifted, sift
from inference_pipeline.diversity import (
    calibration,
    content_vectors,
    genre_shares,
    intra_list_similarity,
    wanted_genres,
)
from inference_pipeline.filters import ArtistSpread, Filter, RecentlyServed, Repeats, Unavailable, Versions
from inference_pipeline.library import Library
from inference_pipeline.order import order_for_flow
from inference_pipeline.playlist_kinds import Kind
from inference_pipeline.profile import Profile
from inference_pipeline.reasons import find_evidence, labels, phrase
from inference_pipeline.rerank import POOL, choose_varied
from inference_pipeline.rotation import LEAST_NEW, History
from segue.errors import InputError
from segue.models.ranking import Query, Ranking, rank

LENGTH = 50
FAVORITES = 2
# So many are looked at first; only where the filters leave too few of them, all.
SHORTLIST = 3000


@dataclass(frozen=True)
class Playlist:
    """A playlist to be.

    Attributes
    ----------
    tracks : DataFrame
        rank (the place on the playlist), track_id, score, reason.
    new : int
        How many were not on it when it was last made before today.
    favorites : list of str
        The two recordings that the listener likes best, as ``title by artist``.
    removed : dict of str to int
        How many candidates each filter removed.
    widened : tuple of str
        The filters that had to be relaxed.
    variety : dict of str to float
        ``artists``, how many first artists; ``similarity``, the mean cosine of pairs; ``calibration``, how far its
        genres are from the listener's (0 for the same).
    """

    tracks: pd.DataFrame
    new: int
    favorites: list[str]
    removed: dict[str, int]
    widened: tuple[str, ...]
    variety: dict[str, float]


@dataclass(frozen=True)
class Ranked:
    """What a listener's playlists are made of, whatever their kinds.

    Attributes
    ----------
    profile : Profile
    query : Query
        What of it the model knows.
    ranking : Ranking
        All that may be recommended.
    """

    profile: Profile
    query: Query
    ranking: Ranking


def rank_catalog(library: Library, profile: Profile) -> Ranked:
    """Rank the whole catalog for a listener.

    Raises
    ------
    InputError
        If what they like came after the model was trained.
    """
    model = library.model
    rows = model.rows(profile.liked.index)
    query = Query(rows[rows >= 0], profile.liked.to_numpy("float32")[rows >= 0])
    if not (query.preferences > 0).any():
        raise InputError("what they play came after the model was trained: run `segue train`")
    n = len(library.candidates)
    ranking = next(rank(model, [query], n, library.recommendable, model.artists, model.discount))
    return Ranked(profile, query, ranking)


def make_playlist(
    library: Library, ranked: Ranked, kind: Kind, history: History, unavailable: AbstractSet[str] = frozenset()
) -> Playlist:
    """Recommend up to `LENGTH` recordings that the listener has not played.

    Parameters
    ----------
    unavailable : set of str
        Tracks that Spotify no longer takes on a playlist.

    Raises
    ------
    InputError
        If their wishes leave nothing.
    """
    query, rows = ranked.query, ranked.ranking.rows
    last = history.last(kind.name)
    filters = [Unavailable(unavailable), *_filters(library, kind, ranked.profile, history, last)]
    left = _sift(library, rows, kind.relaxable, filters)
    if not len(left.rows):
        most = max(left.removed, key=lambda name: left.removed[name], default="nothing to begin with")
        raise InputError(f"nothing is left to recommend ({most} removed most): ask for less in the settings")
    # What came in by widening only fills up; otherwise there is something to choose from.
    pool = left.rows[: LENGTH if left.widened else POOL * LENGTH]
    chosen, variety = _choose(library, query, rows[pool])
    tracks = _tracks(library, query, ranked.ranking, pool[chosen])
    liked = query.seeds[query.preferences > 0]
    favorites = labels(library.catalog, library.model.track_ids[liked[:FAVORITES]])
    new = int((~tracks["track_id"].isin(list(last))).sum())
    return Playlist(tracks, new, favorites, left.removed, left.widened, variety)


def _filters(library: Library, kind: Kind, profile: Profile, history: History, last: set[str]) -> list[Filter]:
    ranges = library.mood_ranges[kind.mood] if kind.mood else {}
    return [
        *profile.filters(),
        *kind.filters(profile, ranges),
        RecentlyServed(history.recent()),
        Repeats(last, int((1 - LEAST_NEW) * LENGTH)),
        # These two compare candidates with one another, so they come when the others are gone.
        Versions(profile.songs),
        ArtistSpread(kind.most_per_artist),
    ]


def _sift(library: Library, rows: NDArray[np.intp], relaxable: tuple[str, ...], filters: list[Filter]) -> Sifted:
    for shortlist, may_relax in ((SHORTLIST, ()), (len(rows), relaxable)):
        left = sift(filters, library.candidates.iloc[rows[:shortlist]], LENGTH, may_relax)
        if len(left.rows) >= LENGTH:
            break
    return left


def _choose(library: Library, query: Query, pool: np.ndarray) -> tuple[np.ndarray, dict[str, float]]:
    """Return positions in `pool` in the order of play, and how varied they are."""
    candidates = library.candidates.iloc[pool]
    liked = query.preferences > 0
    genres, wanted = wanted_genres(
        library.candidates["labels"].iloc[query.seeds[liked]], query.preferences[liked].astype("float64")
    )
    vectors, shares = content_vectors(candidates, library.sound), genre_shares(candidates["labels"], genres)
    chosen = choose_varied(vectors, shares, wanted, LENGTH)
    chosen = chosen[order_for_flow(candidates.iloc[chosen])]
    labelled = shares[chosen].any(axis=1).sum()
    variety = {
        "artists": float(candidates["first_artist"].iloc[chosen].nunique()),
        "similarity": intra_list_similarity(vectors[chosen]),
        "calibration": float(calibration(shares[chosen].sum(axis=0) / max(labelled, 1), wanted)),
    }
    return chosen, variety


def _tracks(library: Library, query: Query, ranking: Ranking, places: NDArray[np.intp]) -> pd.DataFrame:
    evidence = find_evidence(library.model, query, ranking, places, library.audible)
    return pd.DataFrame(
        {
            "rank": np.arange(1, len(places) + 1),
            "track_id": library.model.track_ids[ranking.rows[places]],
            "score": ranking.scores[places].astype(np.float64),
            "reason": phrase(library.model, library.catalog, [evidence]).to_pylist(),
        }
    )
