"""Reading a dataset of tracks: its files joined, cleaned, one row per track."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from feature_pipeline.cleaning import clean_number, clean_text, clean_year
from feature_pipeline.collapsing import FILE_ROWS, collapse
from feature_pipeline.columns import FLAGS, NUMBERS, arrow_type
from feature_pipeline.credits import split_credits
from feature_pipeline.endings import check_ending
from feature_pipeline.labels import SEPARATOR, tidy_labels, union_labels, unpack_lists
from feature_pipeline.sources.source import Part, TrackSource
from feature_pipeline.tables import column_names, read_table
from segue.errors import InputError
from segue.track_ids import read_track_ids

_LABELS = ("artists", "artist_ids", "genres", "artist_genres")
_NAMES = ("title", "artists", "album")


@dataclass(frozen=True)
class SourceTracks:
    """The tracks of one dataset.

    Attributes
    ----------
    source : TrackSource
    files : tuple of Path
    table : Table
        Clean canonical columns (see `feature_pipeline.columns`) and ``popularity_percentile``, one row per track.
    rows : int
        Rows read (of the files that have a row per track).
    dropped : Counter
        Reason → rows; `rows` minus these is the number of tracks.
    repaired : Counter
        What was wrong with single values → how many of them were made missing, or repaired.
    """

    source: TrackSource
    files: tuple[Path, ...]
    table: pa.Table
    rows: int
    dropped: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)


def read_source(source: TrackSource, paths: Sequence[Path]) -> SourceTracks:
    """Read the files of a dataset.

    Raises
    ------
    InputError
        If a file is not what the dataset's files are; the message names file, column and row.
    """
    files = tuple(sorted(set(paths)))
    tables = _read_parts(source, files)
    tracks = tables.pop(source.parts[0], None)
    if tracks is None:
        raise InputError(f"this is no file of tracks of {source.title}", file=files[0])
    dropped: Counter[str] = Counter()
    repaired: Counter[str] = Counter()
    rows = tracks.num_rows
    tracks = collapse(_with_ids(tracks, files, dropped), dropped)
    for part, table in tables.items():
        tracks = _join(tracks, table, part)
    return SourceTracks(source, files, _clean(source, tracks, repaired), rows, dropped, repaired)


def _read_parts(source: TrackSource, files: Sequence[Path]) -> dict[Part, pa.Table]:
    read: dict[Part, list[pa.Table]] = defaultdict(list)
    for path in files:
        names = column_names(path)
        part = source.part_of(names) or source.parts[0]
        found = part.found(names)
        table = read_table(path, {name: arrow_type(column) for column, name in found.items()})
        check_ending(path, source.ending)
        table = table.rename_columns(list(found))
        read[part].append(table.append_column(FILE_ROWS, pa.repeat(table.num_rows, table.num_rows)))
    return {part: pa.concat_tables(tables, promote_options="default").combine_chunks() for part, tables in read.items()}


def _with_ids(tracks: pa.Table, files: Sequence[Path], dropped: Counter[str]) -> pa.Table:
    given = tracks["track_id"].combine_chunks()
    ids = read_track_ids(given)
    dropped["no track id"] += given.null_count
    dropped["not a Spotify id"] += ids.null_count - given.null_count
    if ids.null_count == len(ids):
        raise InputError("holds no Spotify track id (22 letters and digits)", file=files[0], column="track_id")
    tracks = tracks.set_column(tracks.column_names.index("track_id"), "track_id", ids)
    return tracks.filter(pc.is_valid(ids)) if ids.null_count else tracks


def _join(tracks: pa.Table, other: pa.Table, part: Part) -> pa.Table:
    """Add the columns of another part; where it has several rows for a key, its first."""
    if part.key == "artist_ids":
        return tracks.append_column("artist_genres", _genres_of_artists(tracks["artist_ids"], other))
    where = pc.index_in(tracks["track_id"].combine_chunks(), read_track_ids(other["track_id"].combine_chunks()))
    for name in part.columns:
        if name not in tracks.column_names:
            tracks = tracks.append_column(name, other[name].take(where))
    return tracks


def _genres_of_artists(artist_ids: pa.ChunkedArray, artists: pa.Table) -> pa.Array:
    credited = pc.split_pattern(unpack_lists(artist_ids.combine_chunks()), SEPARATOR)
    where = pc.index_in(pc.list_flatten(credited), artists["artist_ids"].combine_chunks())
    genres = tidy_labels(unpack_lists(artists["artist_genres"].combine_chunks())).take(where)
    return union_labels(pc.list_parent_indices(credited).to_numpy(), genres, len(artist_ids))


def _clean(source: TrackSource, tracks: pa.Table, repaired: Counter[str]) -> pa.Table:
    columns = {name: tracks[name].combine_chunks() for name in tracks.column_names if name != "artist_ids"}
    if source.placeholder is not None:
        nameless = pc.and_(*(pc.equal(columns[name], source.placeholder) for name in _NAMES[:2]))
        columns |= {name: pc.if_else(nameless, None, columns[name]) for name in _NAMES}
    cleaned = {name: _clean_column(source, name, values, repaired) for name, values in columns.items()}
    if "popularity" in cleaned:
        cleaned["popularity_percentile"] = _percentile(cleaned["popularity"])
    return pa.table(cleaned)


def _clean_column(source: TrackSource, name: str, values: pa.Array, repaired: Counter[str]) -> pa.Array:
    if name in {"track_id", "explicit"}:
        return values
    if name in NUMBERS or name in FLAGS:
        return clean_number(name, values, repaired)
    if name == "year":
        return clean_year(values, repaired)
    # Names and genres repeat: each different one is cleaned once.
    encoded = pc.dictionary_encode(values)
    return _clean_names(source, name, encoded.dictionary, repaired).take(encoded.indices)


def _clean_names(source: TrackSource, name: str, values: pa.Array, repaired: Counter[str]) -> pa.Array:
    if name not in _LABELS:
        return clean_text(values, repaired)
    values = clean_text(unpack_lists(values), repaired)
    if name == "artists" and source.artists == "credits":
        values = split_credits(values)
    return tidy_labels(values)


def _percentile(popularity: pa.Array) -> pa.Array:
    """Return the share of this crawl that is less popular: popularity itself compares only within one crawl."""
    known = popularity.is_valid()
    values = popularity.filter(known).to_numpy().astype(np.int64)
    counts = np.bincount(values)
    below = (np.cumsum(counts) - counts)[values] / max(len(values), 1)
    return pc.replace_with_mask(popularity, known, pa.array(below))
