"""TidyTuesday's songs of 2020-01-21 (CC0): each row is also a track's place on one of 471 public playlists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from feature_pipeline.endings import check_ending
from feature_pipeline.sources import tidytuesday as tracks
from feature_pipeline.sources.playlists import generic
from feature_pipeline.sources.playlists.source import PlaylistSource


def read(path: Path) -> Iterator[pa.Table]:
    """Yield the rows of the file.

    Raises
    ------
    InputError
        As `feature_pipeline.sources.playlists.generic.read`, and where the file is cut short in its last column.
    """
    yield from generic.read(path)
    check_ending(path, tracks.TIDYTUESDAY.ending)


TIDYTUESDAY = PlaylistSource(
    name="tidytuesday",
    recognizes={"playlist_id", "playlist_subgenre", "track_id"}.issubset,
    read=read,
    hub=tracks.TIDYTUESDAY.hub,
)
