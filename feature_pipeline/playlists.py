"""Public playlists: which files hold some, and which tracks of the catalog are on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pandas as pd
import pyarrow as pa

from feature_pipeline.catalog_lookup import CatalogLookup
from feature_pipeline.playlist_matches import Matches, PlaylistReport
from feature_pipeline.sources.playlists import PLAYLIST_SOURCES, PlaylistSource
from feature_pipeline.sources.playlists.shape import shape
from segue.console import track_progress
from segue.errors import InputError
from segue.groups import DTYPES, PLAYLIST_TRACKS

NO_PLAYLISTS = "no playlists: no playlist_id or pid beside a track id, or beside title and artist"
TRACKS = pa.schema({"playlist_id": pa.string(), "track_id": pa.string(), "position": pa.int64(), "source": pa.string()})
PANDAS_TYPES = {pa.string(): DTYPES["text"], pa.int64(): DTYPES["integer"]}


@dataclass(frozen=True)
class PlaylistRecognition:
    """Which files hold playlists.

    Attributes
    ----------
    taken : list of (PlaylistSource, Path)
        The source that each file was recognized by.
    refused : dict of Path to str
        Why none recognized a file.
    """

    taken: list[tuple[PlaylistSource, Path]]
    refused: dict[Path, str]


@dataclass(frozen=True)
class Playlists:
    """Public playlists, as far as the catalog knows their tracks.

    Attributes
    ----------
    tracks : DataFrame
        As `PLAYLIST_TRACKS` describes, ordered by playlist and position; no recording twice on a playlist.
    report : list of PlaylistReport
        For each dataset: what was read, how it was matched, what was dropped.
    """

    tracks: pd.DataFrame
    report: list[PlaylistReport]


def recognize_playlists(paths: Sequence[Path]) -> PlaylistRecognition:
    """Find the files that hold playlists, by their columns (or keys) and never by their names."""
    taken, refused = [], {}
    for path in paths:
        try:
            names = shape(path)
        except InputError as error:
            refused[path] = str(error)
            continue
        source = next((source for source in PLAYLIST_SOURCES if source.recognizes(names)), None)
        if source is None:
            refused[path] = NO_PLAYLISTS
        else:
            taken.append((source, path))
    return PlaylistRecognition(taken, refused)


def read_playlists(taken: Sequence[tuple[PlaylistSource, Path]], catalog: pd.DataFrame) -> Playlists:
    """Read playlists and match their rows to the catalog.

    A row's track id counts if the catalog has it; otherwise its title and first artist do, and stand for the
    recording's own track. Each playlist has a recording once, at the first of its positions.

    Parameters
    ----------
    taken : sequence of (PlaylistSource, Path)
        As `recognize_playlists` found them. Files of one dataset are read as one.
    catalog : DataFrame
        Of the group `TRACKS`; needs the columns of `feature_pipeline.matching.index_catalog`.

    Raises
    ------
    InputError
        If a file is broken; the message names file, column and row.
    """
    lookup = CatalogLookup(catalog)
    tables, report = [TRACKS.empty_table()], []
    files = sorted(taken, key=lambda item: (item[0].name_of(item[1]), str(item[1])))
    for name, parts in groupby(files, key=lambda item: item[0].name_of(item[1])):
        matches = Matches(name, lookup)
        for source, path in parts:
            for batch in track_progress(source.read(path), f"Playlists of {path.name}"):
                matches.add(batch)
        tracks, counts = matches.tracks()
        tables.append(tracks)
        report.append(counts)
    frame = pa.concat_tables(tables).to_pandas(types_mapper=PANDAS_TYPES.get)
    return Playlists(PLAYLIST_TRACKS.validate(frame), report)
