"""What does not belong on a playlist: one small rule each, chained by `inference_pipeline.chain`."""

from inference_pipeline.filters.artists import ArtistSpread, BlockedArtists, FamiliarArtists, NewArtists
from inference_pipeline.filters.base import Filter
from inference_pipeline.filters.candidates import Candidates, Described, Names
from inference_pipeline.filters.labels import Decades, NotExplicit, Popularity, UnwantedGenres, WantedGenres
from inference_pipeline.filters.recordings import Disliked, Known, RecentlyServed, Repeats, Unavailable, Versions
from inference_pipeline.filters.sound import FeatureRanges, Music

__all__ = [
    "ArtistSpread",
    "BlockedArtists",
    "Candidates",
    "Decades",
    "Described",
    "Disliked",
    "FamiliarArtists",
    "FeatureRanges",
    "Filter",
    "Known",
    "Music",
    "Names",
    "NewArtists",
    "NotExplicit",
    "Popularity",
    "RecentlyServed",
    "Repeats",
    "Unavailable",
    "UnwantedGenres",
    "Versions",
    "WantedGenres",
]
