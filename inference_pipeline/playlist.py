"""Making one playlist for one listener: candidates → filters → a varied choice → order → reasons."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from inference_pipeline.chain import Sifted, sift
from inference_pipeline.diversity import content_vectors, intra_list_similarity
from inference_pipeline.filters import ArtistSpread, Candidates, Filter, RecentlyServed, Repeats, Unavailable, Versions
from inference_pipeline.genre_fit import GenreFit, wanted_genres
from inference_pipeline.library import Library
from inference_pipeline.mix import Mix
from inference_pipeline.order import order_for_flow
from inference_pipeline.playlist_kinds import Kind
from inference_pipeline.profile import Profile
from inference_pipeline.ranked import Ranked
from inference_pipeline.reasons import find_evidence, phrase
from inference_pipeline.rerank import POOL, choose_varied
from inference_pipeline.rotation import LEAST_NEW, History
from segue.errors import InputError
from segue.models.ranking import Query, Ranking, places
from segue.models.threads import single_threaded

FAVORITES = 2


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


def make_playlist(
    ranked: Ranked, kind: Kind, history: History, unavailable: AbstractSet[str] = frozenset()
) -> Playlist:
    """Recommend recordings that the listener has not played, as many as they wish and the catalog has.

    Parameters
    ----------
    unavailable : set of str
        Tracks that Spotify no longer takes on a playlist.

    Raises
    ------
    InputError
        If their wishes leave nothing.
    """
    library, query, wishes = ranked.library, ranked.query, ranked.profile.wishes
    last = history.last(kind.name)
    alone: list[Filter] = [Unavailable(unavailable), *_filters(library, kind, ranked.profile, history)]
    # These compare candidates with one another, so they come when the others are gone.
    together: list[Filter] = [
        Repeats(last, int((1 - LEAST_NEW) * wishes.length)),
        Versions(ranked.profile.songs),
        ArtistSpread(kind.most_per_artist),
    ]
    mix = Mix.of(wishes.familiarity if kind.artists == "any" else "any", wishes.length, ranked.profile.artists)
    ranking, left = _sift(ranked, kind.relaxable, alone, together, mix)
    if not len(left.rows):
        most = max(left.removed, key=lambda name: left.removed[name], default="nothing to begin with")
        raise InputError(f"nothing is left to recommend ({most} removed most): ask for less in the settings")
    # What came in by widening only fills up; otherwise there is something to choose from.
    pool = left.rows[: wishes.length] if left.widened else left.rows
    groups = mix.groups(library.at(ranking.rows[pool]))
    quota = mix.fill(groups)
    best = places(groups) <= POOL * quota[groups]
    pool = pool[best]
    with single_threaded():
        chosen, variety = _choose(library, query, ranking.rows[pool], groups[best], quota)
        tracks = _tracks(ranked, ranking, pool[chosen])
    liked = query.seeds[query.preferences > 0]
    favorites = library.wording.names.take(pa.array(liked[:FAVORITES])).to_pylist()
    new = len(tracks) - int(library.at(ranking.rows[pool[chosen]]).among(last).sum())
    widened = (*left.widened, Mix.name) if (quota > mix.asked).any() else left.widened
    return Playlist(tracks, new, favorites, left.removed, widened, variety)


def _filters(library: Library, kind: Kind, profile: Profile, history: History) -> list[Filter]:
    mood = kind.mood or profile.wishes.mood
    ranges = library.mood_ranges[mood] if mood else {}
    return [*profile.filters(), *kind.filters(profile, ranges), RecentlyServed(history.recent())]


def _sift(
    ranked: Ranked, relaxable: tuple[str, ...], alone: list[Filter], together: list[Filter], mix: Mix
) -> tuple[Ranking, Sifted]:
    """Return what passes the filters: of the best, of the best of what passes those that need no others, or of all."""
    library, length = ranked.library, int(mix.asked.sum())
    left = sift([*alone, *together], library.at(ranked.shortlist.rows), length)
    if _is_enough(mix, library.at(ranked.shortlist.rows[left.rows])):
        return ranked.shortlist, left
    open_to = np.flatnonzero(library.recommendable)
    passing = sift(alone, library.at(open_to), 0)
    if len(passing.rows) >= length:
        ranking = ranked.among(open_to[passing.rows])
        left = sift(together, library.at(ranking.rows), length)
        if _is_enough(mix, library.at(ranking.rows[left.rows])):
            return ranking, replace(left, removed=passing.removed | left.removed)
    return ranked.whole, sift([*alone, *together], library.at(ranked.whole.rows), length, relaxable)


def _is_enough(mix: Mix, left: Candidates) -> bool:
    return bool((mix.fill(mix.groups(left)) == mix.asked).all())


def _choose(
    library: Library, query: Query, pool: NDArray[np.intp], groups: NDArray[np.intp], most: NDArray[np.intp]
) -> tuple[NDArray[np.intp], dict[str, float]]:
    """Return positions in `pool` in the order of play, and how varied they are."""
    candidates = library.at(pool)
    liked = query.preferences > 0
    wanted = wanted_genres(library.at(query.seeds[liked]), query.preferences[liked].astype("float64"))
    vectors, genres = content_vectors(candidates, library.sound), GenreFit.of(candidates, wanted)
    chosen = choose_varied(vectors, genres, groups, most)
    chosen = chosen[order_for_flow(candidates[chosen])]
    variety = {
        "artists": float(len(set(library.candidates["first_artist"].to_numpy()[pool[chosen]]))),
        "similarity": intra_list_similarity(vectors[chosen]),
        "calibration": genres.divergence(),
    }
    return chosen, variety


def _tracks(ranked: Ranked, ranking: Ranking, chosen: NDArray[np.intp]) -> pd.DataFrame:
    library = ranked.library
    # What sets a track apart is seen beside the same recordings, whatever the wishes leave.
    beside = None if ranking is ranked.shortlist else ranked.shortlist
    evidence = find_evidence(library.model, ranked.query, ranking, chosen, library.audible, beside)
    return pd.DataFrame(
        {
            "rank": np.arange(1, len(chosen) + 1),
            "track_id": library.model.track_ids[ranking.rows[chosen]],
            "score": ranking.scores[chosen].astype(np.float64),
            "reason": phrase(library.wording, [evidence]),
        }
    )
