"""1.2 million tracks, whole albums at a time; and the shape of a part of it that goes around on its own."""

from __future__ import annotations

from datetime import date

from feature_pipeline.sources.hub import Hub
from feature_pipeline.sources.source import FEATURES, Part, TrackSource

_CRAWLED = date(2020, 12, 1)

_TRACKS = Part(
    {
        "track_id": "id",
        "title": "name",
        "artists": "artists",
        "album": "album",
        "year": "year",
        "explicit": "explicit",
        **FEATURES,
    },
    marks=frozenset({"artist_ids", "disc_number", "track_number"}),
)
_PART_OF_THEM = Part(
    {
        "track_id": "track_id",
        "title": "name",
        "artists": "artist_name",
        "album": "album",
        "explicit": "explicit",
        **FEATURES,
    },
    marks=frozenset({"is_solo", "Cluster_Hierarchical"}),
)

RODOLFOFIGUEROA = TrackSource(
    "rodolfofigueroa",
    "Spotify 1.2M+ Songs (Kaggle rodolfofigueroa)",
    _CRAWLED,
    (_TRACKS,),
    Hub("kaggle", "rodolfofigueroa/spotify-12m-songs", ("tracks_features.csv",)),
)
RODOLFOFIGUEROA_PART = TrackSource("rodolfofigueroa_part", "A part of Spotify 1.2M+ Songs", _CRAWLED, (_PART_OF_THEM,))
