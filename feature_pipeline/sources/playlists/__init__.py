"""The sources of public playlists, one small module each; the more specific ones first."""

from __future__ import annotations

from feature_pipeline.sources.playlists.generic import GENERIC
from feature_pipeline.sources.playlists.million import MILLION
from feature_pipeline.sources.playlists.nowplaying import NOWPLAYING
from feature_pipeline.sources.playlists.source import ROWS, PlaylistSource
from feature_pipeline.sources.playlists.tidytuesday import TIDYTUESDAY

PLAYLIST_SOURCES = (TIDYTUESDAY, MILLION, NOWPLAYING, GENERIC)

__all__ = ["GENERIC", "MILLION", "NOWPLAYING", "PLAYLIST_SOURCES", "ROWS", "TIDYTUESDAY", "PlaylistSource"]
