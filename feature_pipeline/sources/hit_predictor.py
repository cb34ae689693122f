"""41,106 tracks from the 1960s to the 2010s, half of them hits. Artists are credited as in the charts."""

from __future__ import annotations

from datetime import date

from feature_pipeline.sources.hub import Hub
from feature_pipeline.sources.source import FEATURES, Part, TrackSource

_TRACKS = Part(
    {"track_id": "uri", "title": "track", "artists": "artist", **FEATURES},
    marks=frozenset({"chorus_hit", "sections", "target"}),
)

HIT_PREDICTOR = TrackSource(
    "hit_predictor",
    "The Spotify Hit Predictor Dataset (Kaggle theoverman)",
    date(2020, 1, 1),
    (_TRACKS,),
    Hub(
        "kaggle",
        "theoverman/the-spotify-hit-predictor-dataset",
        tuple(f"dataset-of-{decade}s.csv" for decade in ("60", "70", "80", "90", "00", "10")),
    ),
    artists="credits",
    ending="known value",
)
