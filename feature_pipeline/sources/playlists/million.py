"""The Million Playlist Dataset, in slices of a thousand playlists (`mpd.slice.0-999.json`); for research use only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from feature_pipeline.sources.playlists.source import ROWS, PlaylistSource, rows
from segue.errors import InputError

FIELDS = {"position": "pos", "track_id": "track_uri", "title": "track_name", "artist": "artist_name"}


def read(path: Path) -> Iterator[pa.Table]:
    """Yield the rows of a slice.

    Raises
    ------
    InputError
        If it is cut short, or holds something else than playlists.
    """
    try:
        playlists = json.loads(path.read_bytes())["playlists"]
        tracks = [(str(playlist["pid"]), track) for playlist in playlists for track in playlist["tracks"]]
        values = {column: [track[field] for _, track in tracks] for column, field in FIELDS.items()}
    except ValueError as error:
        raise InputError(f"is not whole: download it again ({error})", file=path) from error
    except (KeyError, TypeError) as error:
        raise InputError(f"is no slice of the Million Playlist Dataset ({error} is missing)", file=path) from error
    columns = {column: pa.array(values[column], ROWS.field(column).type) for column in FIELDS}
    yield rows({"playlist": pa.array([pid for pid, _ in tracks], pa.string()), **columns})


MILLION = PlaylistSource(
    name="million-playlist",
    recognizes={"info", "playlists"}.issubset,
    read=read,
)
