"""What the API answers with."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

TRACK_ID = "4fbvXwMTXPWaFyaMWUm9CR"


class Song(BaseModel):
    """A recording, as far as one line names it."""

    track_id: str = Field(description="Spotify's id.", examples=[TRACK_ID])
    title: str = Field(examples=["Holocene"])
    artists: str = Field(description="Joined by commas.", examples=["Bon Iver"])
    year: int | None = Field(description="When it came out, where that is known.", examples=[2011])


class Found(BaseModel):
    """What a search has found."""

    songs: list[Song] = Field(description="The likeliest first.")


class Track(Song):
    """What is known of a track."""

    recording_id: str = Field(description="The track that stands for the same performance; often itself.")
    url: str = Field(description="Where it is at Spotify; empty for a made-up one.")
    album: str | None
    genres: list[str] = Field(description="What it is labeled with.", examples=[["indie folk"]])
    explicit: bool | None = Field(description="Whether its lyrics are marked as explicit, where that is known.")
    features: dict[str, float] = Field(
        description="Audio features, in Spotify's units; what is not known is left out.",
        examples=[{"energy": 0.3, "tempo": 147.9}],
    )


class Neighbor(Song):
    """A song that is near another one."""

    url: str = Field(description="Where it is at Spotify; empty for a made-up one.")
    similarity: float = Field(description="0 to 1, higher is nearer; only within one space to be compared.")
    genre: str = Field(description="A genre that both have, or else its own first one.")
    sound: str = Field(description="What both sound like, in words.", examples=["calm and acoustic"])


class Neighbors(BaseModel):
    """The nearest songs of a song in one space."""

    space: str
    songs: list[Neighbor] = Field(description="The nearest first; none where the space knows nothing of the song.")


class Recommendation(Song):
    """A track that is recommended, and why."""

    rank: int = Field(description="Its place on the list, from 1.")
    url: str = Field(description="Where it is at Spotify; empty for a made-up one.")
    reason: str = Field(description="Why it is there.", examples=["Like Holocene by Bon Iver: together on playlists"])


class Recommendations(BaseModel):
    """What goes with some songs."""

    model: str = Field(description="What recommended them: name and version.", examples=["hybrid@3"])
    tracks: list[Recommendation] = Field(description="In an order that flows.")
    matched: int = Field(description="How many of the seeds the catalog has.")
    unknown: list[str] = Field(description="Ids of the seeds that it does not have.")
    widened: list[str] = Field(description="Wishes that had to be relaxed to fill the list.")


class Playlist(BaseModel):
    """A playlist that is kept for a listener."""

    name: str = Field(examples=["discover"])
    title: str = Field(examples=["Segue Discover"])
    about: str
    url: str = Field(description="Where it is at Spotify; empty for a made-up listener's.")
    tracks: list[Recommendation]


class Playlists(BaseModel):
    """All playlists that are kept for a listener."""

    playlists: list[Playlist] = Field(description="In the order in which they are made.")


class Run(BaseModel):
    """The last run of a pipeline."""

    pipeline: str = Field(examples=["playlists"])
    status: str = Field(description='"done" or "failed".', examples=["done"])
    started_at: datetime
    seconds: float


class Model(BaseModel):
    """A model that recommends."""

    label: str = Field(description="Name and version.", examples=["hybrid@3"])
    registered_at: datetime
    metrics: dict[str, float] = Field(description="Its quality on held-out playlists, by set of playlists and measure.")


class Status(BaseModel):
    """How Segue is doing."""

    tracks: int = Field(description="Tracks of the catalog.")
    runs: list[Run]
    models: list[Model]
    calls: int = Field(description="Calls of Spotify's Web API made or set aside today (UTC).")
    daily_calls: int = Field(description="How many are allowed in a day.")
