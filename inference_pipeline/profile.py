"""A listener, as far as recommending goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from inference_pipeline.candidates import credits_of
from inference_pipeline.filters import Disliked, Filter, Known, Music
from inference_pipeline.preferences import disliked, preferences
from inference_pipeline.versions import song_keys
from inference_pipeline.wishes import Wishes
from segue.errors import InputError
from segue.models.catalog import Catalog

NAMED = ["title", "artists"]


@dataclass(frozen=True)
class Profile:
    """What a listener likes, and what they know already.

    Attributes
    ----------
    liked : Series of float32
        Preference for each recording, -1 to 1, the strongest first.
    known, disliked : frozenset of str
        Recordings.
    songs : frozenset of str
        Keys (`song_keys`) of the songs that they know or dislike.
    artists : frozenset of str
        Normalized names of the artists that they play, guests included.
    wishes : Wishes
    """

    liked: pd.Series
    known: frozenset[str]
    disliked: frozenset[str]
    songs: frozenset[str]
    artists: frozenset[str]
    wishes: Wishes

    def filters(self) -> list[Filter]:
        """Return the filters that hold on all of their playlists."""
        always: list[Filter] = [Known(self.known), Disliked(self.disliked), Music(), *self.wishes.filters()]
        return always


def profile_of(
    listens: pd.DataFrame, feedback: pd.DataFrame, catalog: Catalog, wishes: Wishes, now: datetime
) -> Profile:
    """Put together what is known of a listener.

    Raises
    ------
    InputError
        If there is nothing to start from: none of their tracks is in the catalog, or they dislike all that is.
    """
    liked = preferences(listens, feedback, catalog, now)
    if not (liked > 0).any():
        if len(liked):
            raise InputError("all that they play of the catalog is disliked: there is nothing to start from")
        raise InputError("none of their tracks is in the catalog: add datasets and run `segue features`")
    unwanted = disliked(feedback, catalog)
    # Whoever said what they think of a track knows it.
    known = known_recordings(listens, catalog) | set(catalog.recordings_of(feedback["track_id"]).dropna())
    there = catalog.facts(sorted(known), NAMED)
    # Most are named alike in both, and each name is normalized once.
    songs = song_keys(pd.concat([listens.set_index("track_id")[NAMED], there]))
    liked_or_played = [listens[NAMED], there[~there.index.isin(list(unwanted))]]
    played = credits_of(pd.concat(liked_or_played, ignore_index=True))
    return Profile(
        liked,
        frozenset(known),
        frozenset(unwanted),
        frozenset(songs),
        frozenset(";".join(played).split(";")) - {""},
        wishes,
    )


def known_recordings(listens: pd.DataFrame, catalog: Catalog) -> set[str]:
    """Return every recording that a listener has played, under whatever id.

    A track that only stands in for one of the same artist has not been played.
    """
    really = listens["matched_by"] != "artist"
    played = pd.concat([listens["track_id"], listens.loc[really, "matched_track_id"].dropna()])
    return set(catalog.recordings_of(played).dropna())
