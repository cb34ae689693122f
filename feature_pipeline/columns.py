"""The columns that every dataset of tracks is brought to, and the names they go by."""

from __future__ import annotations

import pyarrow as pa

from segue.groups import AUDIO_FEATURES

FLAGS = ("explicit", "mode")
NUMBERS = ("popularity", *(feature for feature in AUDIO_FEATURES if feature != "mode"))
TEXTS = ("track_id", "title", "artists", "artist_ids", "album", "year", "isrc", "genres", "artist_genres")

SPELLINGS: dict[str, tuple[str, ...]] = {
    "track_id": ("track_id", "id", "uri", "id_track", "track_uri", "spotify_id"),
    "title": ("track_name", "name", "track", "title"),
    "artists": ("artists", "artist_name", "artist_names", "artist", "track_artist", "first_artist"),
    "album": ("album", "album_name", "track_album_name"),
    "year": ("year", "release_year", "release_date", "album_release_date", "track_album_release_date"),
    "isrc": ("isrc",),
    "explicit": ("explicit",),
    "genres": ("genres", "genre", "track_genre"),
    "artist_genres": ("artist_genres",),
    "popularity": ("popularity", "track_popularity", "popularity_track"),
    **{feature: (feature,) for feature in AUDIO_FEATURES},
}
"""What datasets call each column; where a file has several of the names, the first one counts."""


def arrow_type(column: str) -> pa.DataType:
    """Return the type that a column is read as; a year is read as text, for it may be a whole date."""
    if column in FLAGS:
        return pa.bool_()
    return pa.float64() if column in NUMBERS else pa.string()
