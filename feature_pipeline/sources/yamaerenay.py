"""600,000 tracks from 1921 to 2020, and the genres of a million artists; and the same tracks without their names."""

from __future__ import annotations

from datetime import date

from feature_pipeline.sources.hub import Hub
from feature_pipeline.sources.source import FEATURES, Part, TrackSource

_CRAWLED = date(2021, 4, 1)

_TRACKS = Part(
    {
        "track_id": "id",
        "title": "name",
        "artists": "artists",
        "artist_ids": "id_artists",
        "year": "release_date",
        "explicit": "explicit",
        "popularity": "popularity",
        **FEATURES,
    },
    marks=frozenset({"id_artists"}),
)
_ARTISTS = Part(
    {"artist_ids": "id", "artist_genres": "genres"},
    marks=frozenset({"id", "followers", "genres", "name", "popularity"}),
    key="artist_ids",
)
_WITHOUT_NAMES = Part(
    {
        "track_id": "id_track",
        "artist_genres": "genres",
        "year": "release_date",
        "popularity": "popularity_track",
        **FEATURES,
    },
    marks=frozenset({"id_track", "popularity_track"}),
)

YAMAERENAY = TrackSource(
    "yamaerenay",
    "Spotify Dataset 1921-2020, 600k+ Tracks (Kaggle yamaerenay)",
    _CRAWLED,
    (_TRACKS, _ARTISTS),
    Hub("kaggle", "yamaerenay/spotify-dataset-19212020-600k-tracks", ("tracks.csv", "artists.csv")),
)
YAMAERENAY_UNNAMED = TrackSource(
    "yamaerenay_unnamed", "Spotify Dataset 1921-2020, without names", _CRAWLED, (_WITHOUT_NAMES,)
)
