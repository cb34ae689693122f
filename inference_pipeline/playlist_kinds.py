"""The kinds of playlists that Segue keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from inference_pipeline.filters import (
    ArtistSpread,
    Decades,
    FamiliarArtists,
    FeatureRanges,
    Filter,
    NewArtists,
    Popularity,
    RecentlyServed,
    Repeats,
    WantedGenres,
)
from inference_pipeline.moods import Ranges
from inference_pipeline.profile import Profile
from segue.errors import InputError

WISHES = (Popularity.name, Decades.name, WantedGenres.name)
"""What a listener asked for is given up first, and of that what narrows most with the least harm."""
ROTATION = (RecentlyServed.name, Repeats.name)


@dataclass(frozen=True)
class Kind:
    """A kind of playlist.

    Attributes
    ----------
    name, title : str
        Segue's name of it, and what people see in Spotify.
    about : str
        What is on it, in a sentence that ends before "close to" the songs it starts from.
    artists : {"known", "new", "any"}
        Whether it holds artists that the listener plays; "any" leaves that to their wishes.
    most_per_artist : int
        How many tracks one artist may have on it, as guest or host: 2 on what is to be discovered, 5 on what is to be
        familiar, 3 on a mood. On held-out playlists that costs 12, 7 and 9 % of recall in lists of 50 (versions of one
        song included).
    relaxable : tuple of str
        The filters that may be given up on a shortfall, in that order.
    mood : str, optional
        Name of the mood that all of it has; without one the listener's wishes may name one.
    """

    name: str
    title: str
    about: str
    artists: Literal["known", "new", "any"]
    most_per_artist: int
    relaxable: tuple[str, ...]
    mood: str | None = None

    def filters(self, profile: Profile, ranges: Ranges) -> list[Filter]:
        """Return the filters of this kind alone; `ranges` are those of its mood, if it has one."""
        filters: list[Filter] = [FeatureRanges(ranges)] if ranges else []
        if self.artists == "known":
            filters.append(FamiliarArtists(profile.artists))
        if self.artists == "new":
            filters.append(NewArtists(profile.artists))
        return filters


FAMILIAR = Kind(
    "familiar",
    "Segue Familiar",
    "Songs not played yet, by artists already played",
    "known",
    5,
    (*WISHES, FeatureRanges.name, ArtistSpread.name, *ROTATION, FamiliarArtists.name),
)
DISCOVER = Kind(
    "discover",
    "Segue Discover",
    "Artists not played yet",
    "new",
    2,
    (*WISHES, FeatureRanges.name, *ROTATION, NewArtists.name),
)
SONGS = Kind("songs", "From your songs", "Songs that go with yours", "any", 3, (*WISHES, FeatureRanges.name))
"""For somebody whose account is not connected: it is kept nowhere."""


def _mood(name: str, about: str) -> Kind:
    relaxable = (*WISHES, *ROTATION, FeatureRanges.name)
    return Kind(name, f"Segue {name.title()}", about, "any", 3, relaxable, name)


KINDS = {
    kind.name: kind
    for kind in (
        FAMILIAR,
        DISCOVER,
        _mood("focus", "Few words and a steady hand, for work"),
        _mood("calm", "Quiet, slow and acoustic, to come to rest"),
        _mood("happy", "Bright and lively songs in major keys"),
        _mood("melancholy", "Low lights and slow thoughts"),
        _mood("workout", "Fast, loud and full of energy"),
        _mood("party", "Made for dancing, in good spirits"),
    )
}
"""In the order in which a run makes them."""


def kinds_named(names: Sequence[str]) -> list[Kind]:
    """Return the kinds of these names, each once, in the order in which they are made.

    Raises
    ------
    InputError
        If there is none of a name.
    """
    for name in names:
        if name not in KINDS:
            raise InputError(f"there is no playlist {name!r}: choose {', '.join(KINDS)}")
    return [kind for kind in KINDS.values() if kind.name in names]
