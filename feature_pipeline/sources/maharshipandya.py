"""114,000 tracks in 114 genres. One row per track and genre, so an id occurs up to nine times."""

from __future__ import annotations

from datetime import date

from feature_pipeline.sources.hub import Hub
from feature_pipeline.sources.source import FEATURES, Part, TrackSource

_TRACKS = Part(
    {
        "track_id": "track_id",
        "title": "track_name",
        "artists": "artists",
        "album": "album_name",
        "explicit": "explicit",
        "genres": "track_genre",
        "popularity": "popularity",
        **FEATURES,
    },
    marks=frozenset({"track_genre", "artists"}),
)

MAHARSHIPANDYA = TrackSource(
    "maharshipandya",
    "Spotify Tracks Dataset (Hugging Face maharshipandya)",
    date(2022, 10, 1),
    (_TRACKS,),
    Hub("huggingface", "maharshipandya/spotify-tracks-dataset", ("dataset.csv",)),
)
