"""A file of playlists, as a frame: which track is on which."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from segue.errors import InputError
from segue.models.catalog import Catalog
from segue.recordings import recording_keys

SPELLINGS = {
    "playlist_id": ("playlist_id", "pid"),
    "track_id": ("track_id", "track_uri", "uri"),
    "title": ("title", "track_name", "trackname"),
    "artist": ("artist", "artists", "artist_name", "artistname", "track_artist"),
}
"""What each column may be called, the preferred name first."""


def read_playlist_file(path: Path, catalog: Catalog) -> pd.DataFrame:
    """Read a CSV or Parquet file with a playlist id, and a track id or title and artist.

    Returns
    -------
    DataFrame
        With playlist_id and track_id: the given id where the catalog has it, otherwise the recording of that title
        and first artist; rows that have neither are left out.

    Raises
    ------
    InputError
        If the file cannot be read, or lacks these columns, or holds nothing of the catalog.
    """
    table = _read(path)
    if not table.num_rows:
        raise InputError("holds no playlists", file=path)
    names = {name.strip().lower(): name for name in table.column_names}
    found = {
        column: table[next(names[spelling] for spelling in spellings if spelling in names)].to_pandas()
        for column, spellings in SPELLINGS.items()
        if names.keys() & set(spellings)
    }
    if "playlist_id" not in found or not ("track_id" in found or {"title", "artist"} <= found.keys()):
        raise InputError("has no playlist_id beside a track_id, or beside title and artist", file=path)
    listed = pd.DataFrame(found).astype("string")
    listed["track_id"] = _known(listed, catalog)
    listed = listed.dropna(subset=["playlist_id", "track_id"])
    if listed.empty:
        raise InputError("none of its tracks is in the catalog", file=path)
    return listed[["playlist_id", "track_id"]]


def _read(path: Path) -> pa.Table:
    try:
        if not path.stat().st_size:
            raise InputError("is empty", file=path)
        if path.read_bytes()[:4] == b"PAR1":
            return pq.read_table(path)
        # Ids such as 007 are texts: pid and names alike stay as they are written.
        names = pa.csv.open_csv(path).schema.names
        options = pa.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True)
        parsing = pa.csv.ParseOptions(newlines_in_values=True)
        return pa.csv.read_csv(path, parse_options=parsing, convert_options=options)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=path) from error
    except pa.ArrowInvalid as error:
        raise InputError(f"is neither CSV nor Parquet ({error})", file=path) from error


def _known(listed: pd.DataFrame, catalog: Catalog) -> pd.Series:
    known = pd.Series(pd.NA, index=listed.index, dtype="string")
    if "track_id" in listed:
        ids = listed["track_id"].str.rsplit(":", n=1).str[-1]
        known = ids.where(ids.isin(catalog.tracks.index))
    if {"title", "artist"} <= set(listed.columns):
        known = known.fillna(_by_title(listed, catalog))
    return known


def _by_title(listed: pd.DataFrame, catalog: Catalog) -> pd.Series:
    recordings = catalog.recordings[["title", "artists"]].dropna()
    own = _keys(recordings["title"], recordings["artists"])
    by_key = pd.Series(recordings.index, index=own, dtype="string")
    by_key = by_key[~by_key.index.duplicated()]
    return by_key.reindex(_keys(listed["title"], listed["artist"])).set_axis(listed.index)


def _keys(titles: pd.Series, artists: pd.Series) -> pd.Index:
    first = artists.str.partition(";")[0]
    keys: pd.Index[str] = pd.Index(
        recording_keys(pa.array(titles, pa.string()), pa.array(first, pa.string())).to_pandas()
    )
    return keys
