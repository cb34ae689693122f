"""Any CSV or Parquet file of tracks whose columns go by one of the usual names."""

from __future__ import annotations

from feature_pipeline.columns import SPELLINGS
from feature_pipeline.sources.source import FEATURES, UNKNOWN_CRAWL, SpelledPart, TrackSource

_OPTIONAL = ("album", "year", "isrc", "explicit", "genres", "artist_genres", "popularity", "time_signature")

TRACKS_FILE = SpelledPart(
    {column: SPELLINGS[column][0] for column in ("track_id", "title", "artists", *FEATURES) if column not in _OPTIONAL},
    optional={column: SPELLINGS[column][0] for column in _OPTIONAL},
)

GENERIC = TrackSource("generic", "A file of tracks", UNKNOWN_CRAWL, (TRACKS_FILE,))
"""Every file is a crawl of its own, named after the file; its date is not known, so the others are believed first."""
