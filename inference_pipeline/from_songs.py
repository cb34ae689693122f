"""Recommendations for somebody whose account is not connected, from songs that they name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from inference_pipeline.library import Library
from inference_pipeline.playlist import Playlist, make_playlist
from inference_pipeline.playlist_kinds import SONGS
from inference_pipeline.profile import Profile
from inference_pipeline.ranked import Ranked, rank_catalog, rank_together
from inference_pipeline.rotation import nothing_served
from inference_pipeline.wishes import Wishes
from segue.errors import InputError

T = TypeVar("T")
MOST_SONGS = 5_000
Seeds = Mapping[str, float] | Sequence[str]
"""Track ids, and how much each is liked."""


@dataclass(frozen=True)
class _Start:
    """What songs say of whoever names them; ``unknown`` and ``matched`` as in `FromSongs`."""

    ranked: Ranked
    unknown: tuple[str, ...]
    matched: int


@dataclass(frozen=True)
class FromSongs:
    """What comes of some songs.

    Attributes
    ----------
    playlist : Playlist
    unknown : tuple of str
        Ids that the catalog does not have.
    matched : int
        How many different ids it has.
    """

    playlist: Playlist
    unknown: tuple[str, ...]
    matched: int


def recommend_from_songs(library: Library, seeds: Seeds, wishes: Wishes, now: datetime) -> FromSongs:
    """Recommend what goes with some songs, through the same chain as a listener's playlists.

    Parameters
    ----------
    library : Library
    seeds : mapping of str to float, or sequence of str
        Track ids, 1 to 5,000 of them, and how much each is liked, -1 (disliked) to 1; without that all are liked alike.
        Neither they nor other versions of them are recommended, and nothing that is disliked.
    wishes : Wishes
        Which playlists to keep, and the approach, say nothing here.
    now : datetime

    Raises
    ------
    InputError
        In plain words, if there are no songs or too many, if the catalog has none of them or nobody likes any, or if
        the wishes leave nothing.
    """
    return _finish(_start(library, seeds, wishes), now)


def recommend_together(
    library: Library, asked: Iterable[tuple[Seeds, Wishes]], now: datetime
) -> Iterator[FromSongs | InputError]:
    """Yield what `recommend_from_songs` returns, or raises, for each of several people who ask at the same time.

    What takes longest, to rank, takes two thirds as long for each of eight together as for one alone.
    """
    starts = [_or_error(partial(_start, library, *each)) for each in asked]
    rank_together([start.ranked for start in starts if isinstance(start, _Start)])
    for start in starts:
        yield start if isinstance(start, InputError) else _or_error(partial(_finish, start, now))


def _or_error(make: Callable[[], T]) -> T | InputError:
    try:
        return make()
    except InputError as error:
        return error


def _start(library: Library, seeds: Seeds, wishes: Wishes) -> _Start:
    given = seeds if isinstance(seeds, Mapping) else dict.fromkeys(seeds, 1.0)
    if not 0 < len(given) <= MOST_SONGS:
        raise InputError(f"name between 1 and {MOST_SONGS:,} songs: these are {len(given):,}")
    track_ids, values = [*given], np.fromiter(given.values(), np.float32)
    found = library.catalog.recordings_of(track_ids).to_numpy(object)
    there = pd.notna(found)
    if not there.any():
        raise InputError("none of these songs is in the catalog: try others")
    recordings, means = _means(found[there], values[there])
    if not (means > 0).any():
        raise InputError("there is no song among these that you like: add one")
    row_of = library.described.rows
    rows = np.array([row_of.get(recording, -1) for recording in recordings], np.intp)
    profile = _profile(library, recordings, means, rows, wishes)
    unknown = tuple(track_id for track_id, known in zip(track_ids, there.tolist(), strict=True) if not known)
    return _Start(rank_catalog(library, profile, rows[means != 0]), unknown, len(given) - len(unknown))


def _means(
    recordings: NDArray[np.object_], values: NDArray[np.float32]
) -> tuple[NDArray[np.object_], NDArray[np.float32]]:
    """Return each recording once, with the mean of its values, the highest first: it may come under two ids."""
    distinct, codes = np.unique(recordings, return_inverse=True)
    means = (np.bincount(codes, values) / np.bincount(codes)).astype(np.float32)
    order = np.argsort(-means, kind="stable")
    return distinct[order], means[order]


def _finish(start: _Start, now: datetime) -> FromSongs:
    return FromSongs(make_playlist(start.ranked, SONGS, nothing_served(now)), start.unknown, start.matched)


def _profile(
    library: Library,
    recordings: NDArray[np.object_],
    preferences: NDArray[np.float32],
    rows: NDArray[np.intp],
    wishes: Wishes,
) -> Profile:
    songs, artists = library.songs_and_credits(recordings, rows)
    told = preferences != 0
    return Profile(
        liked=pd.Series(preferences[told], index=pd.Index(recordings[told], dtype=object)),
        known=frozenset(recordings),
        disliked=frozenset(recordings[preferences < 0]),
        songs=frozenset(songs),
        artists=frozenset(";".join(artists[preferences >= 0]).split(";")) - {""},
        wishes=wishes,
    )
