"""130,663 tracks of 2018 and 2019, with the first artist only.

November's file is nearly a subset of April's: where both have a track, the larger file, April's, is believed.
"""

from __future__ import annotations

from datetime import date

from feature_pipeline.sources.hub import Hub
from feature_pipeline.sources.source import FEATURES, Part, TrackSource

_TRACKS = Part(
    {
        "track_id": "track_id",
        "title": "track_name",
        "artists": "artist_name",
        "popularity": "popularity",
        **FEATURES,
    }
)

TOMIGELO = TrackSource(
    "tomigelo",
    "Spotify Audio Features (Kaggle tomigelo)",
    date(2019, 4, 1),
    (_TRACKS,),
    Hub(
        "kaggle",
        "tomigelo/spotify-audio-features",
        ("SpotifyAudioFeaturesApril2019.csv", "SpotifyAudioFeaturesNov2018.csv"),
    ),
)
