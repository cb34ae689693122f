"""TidyTuesday's songs of 2020-01-21 (CC0): each row is also a track's place on one of 471 public playlists."""

from __future__ import annotations

from feature_pipeline.sources import tidytuesday as tracks
from feature_pipeline.sources.playlists import generic
from feature_pipeline.sources.playlists.source import PlaylistSource

TIDYTUESDAY = PlaylistSource(
    name="tidytuesday",
    recognizes={"playlist_id", "playlist_subgenre", "track_id"}.issubset,
    read=generic.read,
    hub=tracks.TIDYTUESDAY.hub,
)
