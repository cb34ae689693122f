"""Merging datasets of tracks into the catalog.

The features of a track all come from one dataset, the newest crawl that has it: two crawls differ by up to 133 BPM, and
an average would be the tempo of neither. Every other field is the newest known. Popularity comes with its percentile
within its own crawl, as it means nothing across crawls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from feature_pipeline.reading import SourceTracks
from feature_pipeline.report import MergeReport, SourceReport
from segue.groups import AUDIO_FEATURES, TRACKS
from segue.recordings import recording_keys
from segue.store.arrow import PANDAS_TYPES, TYPES

Rows = npt.NDArray[np.int64]
_PLAIN = ("title", "artists", "album", "year", "isrc", "explicit", "genres", "artist_genres")
_POPULARITY = ("popularity", "popularity_percentile")
_NONE = -1


@dataclass(frozen=True)
class Catalog:
    """The catalog and how it came about.

    Attributes
    ----------
    tracks : DataFrame
        As `TRACKS` declares, ordered by ``track_id``.
    report : MergeReport
    """

    tracks: pd.DataFrame
    report: MergeReport


def merge(datasets: Sequence[SourceTracks], include_unnamed: bool = False) -> Catalog:
    """Merge datasets into the catalog. The order in which they are given does not matter.

    Tracks with equal `segue.recordings.recording_keys` are one recording, and the most popular of them stands for it:
    by percentile, then popularity, then the lowest id. A track without title or artist is a recording of its own.

    Parameters
    ----------
    datasets : sequence of SourceTracks
    include_unnamed : bool
        Whether tracks without a title enter the catalog too; otherwise they only enrich others.
    """
    oldest_first = sorted(datasets, key=_age)
    table = _stack(oldest_first)
    encoded = pc.dictionary_encode(table["track_id"].combine_chunks())
    codes = encoded.indices.to_numpy().astype(np.int64)
    titles = _newest(codes, len(encoded.dictionary), _known(table, "title"))
    titled = titles != _NONE
    kept = np.flatnonzero(titled | include_unnamed)
    kept = kept[pc.sort_indices(encoded.dictionary.take(pa.array(kept))).to_numpy()]
    columns = {"track_id": encoded.dictionary.take(pa.array(kept)), **_choose(table, codes, kept)}
    columns["recording_id"] = _recordings(columns)
    recordings = np.full(len(titled), _NONE, np.int64)
    recordings[kept] = pc.dictionary_encode(columns["recording_id"]).indices.to_numpy()
    return Catalog(_frame(columns), _report(oldest_first, codes, titled, recordings))


def _age(dataset: SourceTracks) -> tuple[object, ...]:
    return dataset.source.crawled, dataset.source.name, dataset.files


def _stack(datasets: Sequence[SourceTracks]) -> pa.Table:
    tables = [
        one.table.append_column("source", pa.repeat(pa.scalar(one.source.name), one.table.num_rows)) for one in datasets
    ]
    stacked = pa.concat_tables(tables, promote_options="default")
    for name, column in TRACKS.columns.items():
        if name not in stacked.column_names and name != "recording_id":
            kind = pa.string() if column.kind == "text" else pa.float64()
            stacked = stacked.append_column(name, pa.nulls(stacked.num_rows, kind))
    return stacked


def _known(table: pa.Table, *columns: str) -> npt.NDArray[np.bool_]:
    """Return for each row whether it has a value in any of `columns`."""
    known = np.zeros(table.num_rows, bool)
    for column in columns:
        known |= table[column].is_valid().to_numpy()
    return known


def _newest(codes: Rows, count: int, *preferences: npt.NDArray[np.bool_]) -> Rows:
    """Return for each track the newest of its rows that is wanted, or -1.

    Parameters
    ----------
    codes : array, shape (rows,)
        The track of each row, the oldest crawl first.
    count : int
        The number of tracks.
    preferences : arrays of bool, shape (rows,)
        Rows wanted; a row of a later array is preferred to every row of an earlier one.
    """
    chosen = np.full(count, _NONE, np.int64)
    for wanted in preferences:
        rows = np.flatnonzero(wanted)
        # Of several assignments to one place, numpy keeps the last: the newest.
        chosen[codes[rows]] = rows
    return chosen


def _choose(table: pa.Table, codes: Rows, kept: Rows) -> dict[str, pa.Array]:
    count = int(codes.max()) + 1
    analyzed = _known(table, *AUDIO_FEATURES)
    # A row without a title only enriches: its features count where no named row has any.
    features = _newest(codes, count, analyzed, analyzed & _known(table, "title"))
    anywhere = _newest(codes, count, np.ones(len(codes), bool))
    popularity = _newest(codes, count, _known(table, "popularity"))
    groups: list[tuple[Rows, tuple[str, ...]]] = [
        (features, tuple(AUDIO_FEATURES)),
        (np.where(features == _NONE, anywhere, features), ("source",)),
        (popularity, _POPULARITY),
        *((_newest(codes, count, _known(table, name)), (name,)) for name in _PLAIN),
    ]
    return {name: _take(table[name], rows[kept]) for rows, names in groups for name in names}


def _take(values: pa.ChunkedArray, rows: Rows) -> pa.Array:
    return values.combine_chunks().take(pa.array(rows, mask=rows == _NONE))


def _recordings(columns: dict[str, pa.Array]) -> pa.Array:
    """Return for each track the id of the one that stands for its recording."""
    first_artists = pc.replace_substring_regex(columns["artists"], ";.*", "")
    keys = recording_keys(columns["title"], first_artists)
    # Without an artist, a title alone says too little: such a track stays by itself.
    own = pc.binary_join_element_wise(columns["track_id"], "", "\x1f")
    keys = pc.coalesce(pc.if_else(pc.is_valid(first_artists), keys, None), own)
    codes = pc.dictionary_encode(keys).indices.to_numpy()
    liked = [_descending(columns[name]) for name in _POPULARITY]
    order = np.lexsort((np.arange(len(codes)), *liked, codes))
    first = order[np.unique(codes[order], return_index=True)[1]]
    return columns["track_id"].take(pa.array(first[codes]))


def _descending(values: pa.Array) -> npt.NDArray[np.float64]:
    numbers: npt.NDArray[np.float64] = pc.fill_null(values.cast(pa.float64()), -1).to_numpy()
    return -numbers


def _frame(columns: dict[str, pa.Array]) -> pd.DataFrame:
    kept = {name: columns[name].cast(TYPES[column.kind]) for name, column in TRACKS.columns.items()}
    frame: pd.DataFrame = pa.table(kept).to_pandas(types_mapper=PANDAS_TYPES.get)
    return frame


def _report(
    oldest_first: Sequence[SourceTracks], codes: Rows, titled: npt.NDArray[np.bool_], recordings: Rows
) -> MergeReport:
    """Count; `recordings` holds for each track the number of its recording, or -1 outside the catalog."""
    seen = np.zeros(len(titled), bool)
    named = np.zeros(len(titled), bool)
    ends = np.cumsum([one.table.num_rows for one in oldest_first])
    reports = []
    for one, end in zip(reversed(oldest_first), reversed(ends.tolist()), strict=True):
        own = codes[end - one.table.num_rows : end]
        reports.append(_report_source(one, int(np.count_nonzero(~seen[own])), _different(recordings[own])))
        seen[own] = True
        named[own] |= reports[-1].titled > 0
    ids = int(np.count_nonzero(named))
    left_out = int(np.count_nonzero(recordings == _NONE))
    return MergeReport(
        sources=tuple(reports),
        ids=ids,
        titled=int(np.count_nonzero(titled)),
        nameless=len(titled) - ids,
        left_out=left_out,
        tracks=len(titled) - left_out,
        recordings=_different(recordings),
    )


def _different(recordings: Rows) -> int:
    return int(np.count_nonzero(np.bincount(recordings[recordings != _NONE])))


def _report_source(dataset: SourceTracks, new: int, recordings: int) -> SourceReport:
    ids = dataset.table.num_rows
    titled = ids - dataset.table["title"].null_count if "title" in dataset.table.column_names else 0
    files = tuple(str(path) for path in dataset.files)
    source = dataset.source
    dropped, repaired = (dict(sorted((+counts).items())) for counts in (dataset.dropped, dataset.repaired))
    return SourceReport(source.name, source.title, files, dataset.rows, dropped, repaired, ids, titled, new, recordings)
