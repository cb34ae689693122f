"""What a listener wants on their playlists, as their settings say."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from inference_pipeline.filters import Decades, Filter, NotExplicit, Popularity, UnwantedGenres, WantedGenres
from inference_pipeline.filters.artists import BlockedArtists
from inference_pipeline.mix import Familiarity
from segue.errors import InputError
from segue.recordings import normalize_artists

DIAL: dict[str, tuple[float, float]] = {"hidden gems": (0.0, 0.5), "well known": (0.5, 1.0), "hits": (0.9, 1.0)}
"""Percentiles of popularity that each position of the dial lets through."""

APPROACHES = {
    "Everything Segue knows": "hybrid",
    "Sound alone": "audio",
    "Sound alone, as a neural network hears it": "autoencoder",
}
"""What people read for each `Wishes.approach`."""

MoodName = Literal["focus", "calm", "happy", "melancholy", "workout", "party"]
"""The keys of `inference_pipeline.moods.MOODS`."""


class Wishes(BaseModel):
    """The JSON in the column ``settings`` of a listener; everything is optional."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    playlists: tuple[str, ...] = ("familiar", "discover")
    """Names of the playlists that they keep."""

    only_genres: frozenset[str] = frozenset()
    no_genres: frozenset[str] = frozenset()
    """Genre labels, as the catalog has them."""

    decades: frozenset[Annotated[int, Field(multiple_of=10)]] = frozenset()
    """First years of decades, such as 1980."""

    explicit: bool = True
    """Whether explicit lyrics are welcome."""

    popularity: Literal["any", "hidden gems", "well known", "hits"] = "any"

    blocked_artists: frozenset[str] = Field(frozenset())
    """Names, in any spelling."""

    length: int = Field(50, ge=10, le=100)
    """Tracks on each playlist."""

    familiarity: Familiarity = "any"
    """How much is by artists that they play, where a playlist does not say so itself (as Familiar and Discover do)."""

    mood: MoodName | None = None
    """Of all that has no mood of its own."""

    approach: Literal["hybrid", "audio", "autoencoder"] = "hybrid"
    """The registered model that recommends."""

    def filters(self) -> list[Filter]:
        """Return the filters that hold these wishes."""
        filters: list[Filter] = []
        if self.blocked_artists:
            filters.append(BlockedArtists(frozenset(normalize_artists(sorted(self.blocked_artists)).to_pylist())))
        if not self.explicit:
            filters.append(NotExplicit())
        if self.no_genres:
            filters.append(UnwantedGenres(_as_labels(self.no_genres)))
        if self.only_genres:
            filters.append(WantedGenres(_as_labels(self.only_genres)))
        if self.decades:
            filters.append(Decades(self.decades))
        if self.popularity != "any":
            filters.append(Popularity(*DIAL[self.popularity]))
        return filters


def _as_labels(names: Collection[str]) -> frozenset[str]:
    """Return genres as they are written and in small letters, as nearly all labels are: "Folk" is meant for "folk"."""
    written = frozenset(name.strip() for name in names)
    return written | {name.lower() for name in written}


def read_wishes(settings: str | None) -> Wishes:
    """Read a listener's settings; none are the defaults.

    Raises
    ------
    InputError
        Naming the first setting that cannot be used.
    """
    try:
        return Wishes.model_validate_json(settings or "{}")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "JSON"
        raise InputError(f"their settings cannot be used: {where}: {first['msg']}") from None
