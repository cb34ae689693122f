"""Any CSV or Parquet file of tracks whose columns go by one of the usual names."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from feature_pipeline.columns import SPELLINGS
from feature_pipeline.sources.source import FEATURES, UNKNOWN_CRAWL, SpelledPart, TrackSource

_PLAYLIST_IDS = ("playlist_id", "pid")
_OPTIONAL = ("album", "year", "isrc", "explicit", "genres", "artist_genres", "popularity", "time_signature")
_ANALYSIS = tuple(feature for feature in FEATURES if feature not in _OPTIONAL)


def _spelled(*columns: str) -> dict[str, str]:
    return {column: SPELLINGS[column][0] for column in columns}


@dataclass(frozen=True, eq=False)
class _NamesPart(SpelledPart):
    """Tracks by name: neither an artist's or album's id and name, nor what is on a playlist."""

    def fits(self, names: Collection[str]) -> bool:
        """Return whether every needed column is there, and the ids are surely those of tracks."""
        found = self.found(names)
        bare = (found.get("track_id"), found.get("title")) == ("id", "name")
        sure = "artists" in found or not FEATURES.keys().isdisjoint(names) or not bare
        return super().fits(names) and sure and not set(_PLAYLIST_IDS) & set(names)


TRACKS_FILE = SpelledPart(_spelled("track_id", "title", "artists", *_ANALYSIS), optional=_spelled(*_OPTIONAL))
_NAMES = _NamesPart(_spelled("track_id", "title"), optional=_spelled("artists", *_ANALYSIS, *_OPTIONAL))
FEATURES_FILE = SpelledPart(_spelled("track_id", *_ANALYSIS), optional=_spelled("artists", *_OPTIONAL))

GENERIC = TrackSource("generic", "A file of tracks", UNKNOWN_CRAWL, (TRACKS_FILE,), ending="any")
"""Every file is a crawl of its own, named after the file; its date is not known, so the others are believed first."""

GENERIC_NAMES = TrackSource("generic_names", "A file of tracks' names", UNKNOWN_CRAWL, (_NAMES,), ending="any")
"""The same without artists, or with few audio features or none."""

GENERIC_FEATURES = TrackSource(
    "generic_features",
    "A file without titles: it only enriches tracks that others name",
    UNKNOWN_CRAWL,
    (FEATURES_FILE,),
    ending="any",
)

OF_ANYBODY = (GENERIC, GENERIC_NAMES, GENERIC_FEATURES)
