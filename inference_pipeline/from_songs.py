"""Recommendations for somebody whose account is not connected, from songs that they name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from inference_pipeline.library import Library
from inference_pipeline.playlist import Playlist, make_playlist
from inference_pipeline.playlist_kinds import SONGS
from inference_pipeline.profile import Profile
from inference_pipeline.ranked import rank_catalog
from inference_pipeline.rotation import nothing_served
from inference_pipeline.wishes import Wishes
from segue.errors import InputError

MOST_SONGS = 5_000


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


def recommend_from_songs(
    library: Library, seeds: Mapping[str, float] | Sequence[str], wishes: Wishes, now: datetime
) -> FromSongs:
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
    playlist = make_playlist(rank_catalog(library, profile), SONGS, nothing_served(now))
    return FromSongs(playlist, tuple(preferences.index[~there]), int(there.sum()))


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
