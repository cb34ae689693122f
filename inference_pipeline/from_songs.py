"""Recommendations for somebody whose account is not connected, from songs that they name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

import pandas as pd

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

    What takes longest, to score the catalog, takes a third as long for each of eight together as for one alone.
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
    preferences = pd.Series(seeds if isinstance(seeds, Mapping) else dict.fromkeys(seeds, 1.0), dtype="float32")
    if not 0 < len(preferences) <= MOST_SONGS:
        raise InputError(f"name between 1 and {MOST_SONGS:,} songs: these are {len(preferences):,}")
    recordings = library.catalog.recordings_of(preferences.index.to_series())
    there = recordings.notna().to_numpy(bool)
    if not there.any():
        raise InputError("none of these songs is in the catalog: try others")
    # The same recording under two ids: its preference is their mean.
    means = preferences[there].groupby(recordings[there].array).mean()
    if not (means > 0).any():
        raise InputError("there is no song among these that you like: add one")
    profile = _profile(library, means.sort_values(ascending=False, kind="stable"), wishes)
    return _Start(rank_catalog(library, profile), tuple(preferences.index[~there]), int(there.sum()))


def _finish(start: _Start, now: datetime) -> FromSongs:
    return FromSongs(make_playlist(start.ranked, SONGS, nothing_served(now)), start.unknown, start.matched)


def _profile(library: Library, preferences: pd.Series, wishes: Wishes) -> Profile:
    songs, artists = library.songs_and_credits(preferences.index)
    return Profile(
        liked=preferences[preferences != 0],
        known=frozenset(preferences.index),
        disliked=frozenset(preferences.index[preferences < 0]),
        songs=frozenset(songs),
        artists=frozenset(";".join(artists[(preferences >= 0).to_numpy()]).split(";")) - {""},
        wishes=wishes,
    )
