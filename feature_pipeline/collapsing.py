"""One row per track: datasets list a track once per genre, per playlist, per decade."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from feature_pipeline.labels import union_labels

FILE_ROWS = "file_rows"
"""Helper column: the number of rows of the file that a row comes from."""


def collapse(table: pa.Table, counts: Counter[str]) -> pa.Table:
    """Return one row per track id: the most popular one of the largest file, with the genres of all.

    Of several files of one dataset the larger is the later crawl. The order of the rows does not matter.

    Parameters
    ----------
    table : Table
        With ``track_id``, ``file_rows`` and any other canonical columns.
    counts : Counter
        ``"exact repeat"`` and ``"same track again"`` grow by the rows dropped.
    """
    ids = pc.dictionary_encode(table["track_id"].combine_chunks()).indices.to_numpy()
    repeated = np.bincount(ids)[ids] > 1
    if not repeated.any():
        return table.drop_columns(FILE_ROWS)
    some = table.filter(pa.array(repeated))
    distinct = some.group_by(some.column_names).aggregate([])
    counts["exact repeat"] += some.num_rows - distinct.num_rows
    one = _first_of_each(distinct)
    counts["same track again"] += distinct.num_rows - one.num_rows
    return pa.concat_tables([table.filter(pa.array(~repeated)), one.select(table.column_names)]).drop_columns(FILE_ROWS)


def _first_of_each(rows: pa.Table) -> pa.Table:
    first = {"track_id": "ascending", FILE_ROWS: "descending", "popularity": "descending"}
    order = {name: first.get(name, "ascending") for name in (*first, *rows.column_names) if name in rows.column_names}
    rows = rows.sort_by(list(order.items()))
    ids = rows["track_id"].combine_chunks()
    starts = np.append(True, pc.not_equal(ids[1:], ids[:-1]).to_numpy(zero_copy_only=False))
    one = rows.filter(pa.array(starts))
    if "genres" not in rows.column_names:
        return one
    genres = union_labels(np.cumsum(starts) - 1, rows["genres"].combine_chunks(), one.num_rows)
    return one.set_column(one.column_names.index("genres"), "genres", genres)
