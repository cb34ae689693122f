"""32,833 rows of 471 playlists, with their tracks. This is the tracks' half of the file.

Its genres are those of the playlists, so they are left out: they would tell a model what it is later tested on.
"""

from __future__ import annotations

from datetime import date

from feature_pipeline.sources.hub import Hub
from feature_pipeline.sources.source import FEATURES, Part, TrackSource

_TRACKS = Part(
    {
        "track_id": "track_id",
        "title": "track_name",
        "artists": "track_artist",
        "album": "track_album_name",
        "year": "track_album_release_date",
        "popularity": "track_popularity",
        **{feature: name for feature, name in FEATURES.items() if feature != "time_signature"},
    },
    marks=frozenset({"track_album_id", "playlist_subgenre"}),
)

TIDYTUESDAY = TrackSource(
    "tidytuesday",
    "Spotify Songs (TidyTuesday)",
    date(2020, 1, 21),
    (_TRACKS,),
    Hub(
        "web",
        "https://raw.githubusercontent.com/rfordatascience/tidytuesday/main/data/2020/2020-01-21/",
        ("spotify_songs.csv",),
    ),
    placeholder="NA",
)
