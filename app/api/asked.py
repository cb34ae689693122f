"""What the API may be asked."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from inference_pipeline.mix import Familiarity
from inference_pipeline.wishes import MoodName, Wishes
from segue.track_ids import read_track_id

EXAMPLE = "4fbvXwMTXPWaFyaMWUm9CR"
LINK = (
    r"^(spotify:track:|https?://open\.spotify\.com/(intl-[A-Za-z]{2,8}/)?track/)?[0-9A-Za-z]{22}"
    r"(\?[0-9A-Za-z_=&-]{0,100})?$"
)
"""What people copy from Spotify; all of it is what `segue.track_ids` reads, too."""
SHORTEST = 10
"""A list is made this long at least, and then cut."""


def _whole(number: object) -> object:
    """Return 20 for 20.0: JSON knows one kind of numbers."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


TrackId = Annotated[str, Path(pattern="^[0-9A-Za-z]{22}$", description="Spotify's id of a track.", examples=[EXAMPLE])]
Text = Annotated[
    str, Query(min_length=1, max_length=200, description="A title, an artist, or parts of both.", examples=["holocene"])
]
SearchLimit = Annotated[int, Query(ge=1, le=50, description="At most so many.")]
Link = Annotated[str, Field(pattern=LINK, max_length=200, description="A Spotify id, URI or link of a track.")]
Preference = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
Limit = Annotated[int, Field(ge=1, le=100), BeforeValidator(_whole)]
Decade = Annotated[int, Field(ge=1900, le=2100, multiple_of=10), BeforeValidator(_whole)]
Name = Annotated[str, Field(min_length=1, max_length=100)]
Names = Annotated[list[Name], Field(max_length=50)]
Space = Literal["hybrid", "audio", "genre", "tags", "artist", "colisten", "autoencoder"]


class Seed(BaseModel):
    """A song to start from, and how much it is liked."""

    model_config = ConfigDict(extra="forbid", strict=True)

    track: Link = Field(examples=[EXAMPLE])
    preference: Preference = Field(1.0, description="From -1, disliked, to 1.")


class Request(BaseModel):
    """Songs to start from, and what is wished for."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"seeds": [EXAMPLE], "limit": 20, "mood": "calm"}]},
    )

    seeds: list[Link | Seed] = Field(min_length=1, max_length=100, description="Tracks, alone or with a preference.")
    limit: Limit = Field(20, description="At most so many.")
    approach: Literal["hybrid", "audio", "autoencoder"] = Field("hybrid", description="The model that recommends.")
    familiarity: Familiarity = Field("any", description="How much is by the artists of the seeds.")
    mood: MoodName | None = Field(None, description="The mood of every track.")
    popularity: Literal["any", "hidden gems", "well known", "hits"] = Field("any", description="How well known it is.")
    explicit: bool = Field(True, description="Whether explicit lyrics are welcome.")  # noqa: FBT003 - the default
    only_genres: Names = Field([], description="Nothing but these genres, as the catalog has them.")
    no_genres: Names = Field([], description="None of these genres.")
    decades: list[Decade] = Field(
        [], max_length=20, description="First years of the decades that are wanted.", examples=[[1980, 1990]]
    )
    blocked_artists: Names = Field([], description="Never these, in any spelling.")

    def wishes(self) -> Wishes:
        """Return what is wished for."""
        own = self.model_dump(exclude={"seeds", "limit"})
        return Wishes.model_validate({**own, "length": max(self.limit, SHORTEST)})

    def preferences(self) -> dict[str, float]:
        """Return how much each track is liked, by its id; of one that is named twice, what is said last."""
        given = (seed if isinstance(seed, Seed) else Seed(track=seed) for seed in self.seeds)
        return {read_track_id(seed.track) or "": seed.preference for seed in given}
