"""Anybody's playlists: a CSV or Parquet file with a playlist id, and a track id or title and artist."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from feature_pipeline import columns
from feature_pipeline.sources.playlists.source import PlaylistSource, rows
from feature_pipeline.tables import column_names, read_table
from segue.errors import InputError

SPELLINGS = {
    "playlist": ("playlist_id", "pid"),
    "position": ("position", "pos"),
    # Beside a playlist's id, a bare "id" or "name" may well be the playlist's.
    "track_id": tuple(name for name in columns.SPELLINGS["track_id"] if name != "id"),
    "title": tuple(name for name in columns.SPELLINGS["title"] if name != "name"),
    "artist": columns.SPELLINGS["artists"],
}
"""What each column may be called, the preferred name first."""


def recognizes(names: frozenset[str]) -> bool:
    """Return whether the columns tell which track is on which playlist."""
    known = {column for column, spellings in SPELLINGS.items() if names.intersection(spellings)}
    return {"playlist", "track_id"} <= known or {"playlist", "title", "artist"} <= known


def read(path: Path) -> Iterator[pa.Table]:
    """Yield the rows of a file.

    Raises
    ------
    InputError
        As `read_table`, and where a position is negative.
    """
    names = {name.strip().lower(): name for name in column_names(path)}
    spelled = {
        column: next(names[spelling] for spelling in spellings if spelling in names)
        for column, spellings in SPELLINGS.items()
        if names.keys() & set(spellings)
    }
    types = {name: pa.float64() if column == "position" else pa.string() for column, name in spelled.items()}
    table = read_table(path, types)
    values = {column: table[name] for column, name in spelled.items()}
    if "position" in values:
        values["position"] = _places(path, spelled["position"], values["position"])
    yield rows(values)


def _places(path: Path, column: str, positions: pa.ChunkedArray) -> pa.ChunkedArray:
    faulty = pc.index(pc.less(positions, 0), value=True).as_py()
    if faulty >= 0:
        raise InputError("a position on a playlist counts from 0 or 1", file=path, column=column, row=faulty + 1)
    return pc.floor(positions).cast(pa.int64())


GENERIC = PlaylistSource(
    name=None,
    recognizes=recognizes,
    read=read,
)
