"""Some 375,000 tracks of popular artists, crawled in December 2023: as four files, and as one that joins them."""

from __future__ import annotations

from datetime import date

from feature_pipeline.sources.hub import Hub
from feature_pipeline.sources.source import FEATURES, Part, TrackSource

_CRAWLED = date(2023, 12, 20)
_DATASET = "tonygordonjr/spotify-dataset-2023"

_FEATURES = Part({"track_id": "id", **FEATURES}, marks=frozenset({"analysis_url", "track_href"}))
_ALBUMS = Part(
    {
        "track_id": "track_id",
        "title": "track_name",
        "artists": "artists",
        "artist_ids": "artist_id",
        "album": "album_name",
        "year": "release_date",
    },
    marks=frozenset({"album_type", "total_tracks", "label", "artist_0"}),
)
_TRACKS = Part({"track_id": "id", "popularity": "track_popularity", "explicit": "explicit"})
_ARTISTS = Part(
    {"artist_ids": "id", "artist_genres": "artist_genres"},
    marks=frozenset({"id", "followers", "artist_popularity"}),
    key="artist_ids",
)
_JOINED = Part(
    {
        "track_id": "track_id",
        "title": "track_name",
        "artists": "artists",
        "album": "album_name",
        "year": "release_year",
        "explicit": "explicit",
        "artist_genres": "artist_genres",
        **FEATURES,
    },
    optional={"popularity": "track_popularity"},
    marks=frozenset({"artist_genres", "release_year", "album_name"}),
)

TONYGORDONJR = TrackSource(
    "tonygordonjr",
    "Spotify Dataset 2023 (Kaggle tonygordonjr)",
    _CRAWLED,
    (_FEATURES, _ALBUMS, _TRACKS, _ARTISTS),
    Hub(
        "kaggle",
        _DATASET,
        (
            "spotify_features_data_2023.csv",
            "spotify-albums_data_2023.csv",
            "spotify_tracks_data_2023.csv",
            "spotify_artist_data_2023.csv",
        ),
    ),
)
TONYGORDONJR_JOINED = TrackSource(
    "tonygordonjr_joined",
    "Spotify Dataset 2023, joined (Kaggle tonygordonjr)",
    _CRAWLED,
    (_JOINED,),
    Hub("kaggle", _DATASET, ("spotify_data_12_20_2023.csv",)),
)
