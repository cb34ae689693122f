"""What a source of public playlists is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from feature_pipeline.sources.hub import Hub

ROWS = pa.schema(
    {
        "playlist": pa.string(),
        "position": pa.int64(),
        "track_id": pa.string(),
        "title": pa.string(),
        "artist": pa.string(),
    }
)
"""A track on a playlist, as a dataset has it; without a playlist the row is faulty, without a position it is next."""


@dataclass(frozen=True)
class PlaylistSource:
    """A kind of file that holds playlists.

    Attributes
    ----------
    name : str, optional
        The dataset; None for files of anybody's, which go by their own names.
    recognizes : callable
        Whether a file with these columns (top-level keys, in JSON) is one; names are in lower case.
    read : callable
        Yields the rows of a file in batches, as tables of the schema ``ROWS``.
    hub : Hub, optional
        Where it can be downloaded.
    """

    name: str | None
    recognizes: Callable[[frozenset[str]], bool]
    read: Callable[[Path], Iterator[pa.Table]]
    hub: Hub | None = None

    def name_of(self, path: Path) -> str:
        """Return the name of the dataset that a file belongs to."""
        return self.name or path.stem


def rows(columns: Mapping[str, pa.Array | pa.ChunkedArray]) -> pa.Table:
    """Return a table of the schema ``ROWS``; columns that are not given are missing throughout."""
    length = len(columns["playlist"])
    return pa.table({field.name: columns.get(field.name, pa.nulls(length, field.type)) for field in ROWS}, schema=ROWS)
