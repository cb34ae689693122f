"""Reading CSV and Parquet files exactly as they are, with one clear line about whatever is wrong with them.

Reading is left to Arrow, which is fast and says little about what it dislikes. Only when it fails, or when the quotes
of a file do not pair up, does `feature_pipeline.inspection` go through the file row by row to find the place.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from feature_pipeline.inspection import FALSE, MISSING_NUMBERS, TRUE, check_encoding, explain, explain_value, is_gzip
from segue.errors import InputError

_CHUNK = 1 << 24
_PARQUET_MAGIC = b"PAR1"
_UNREADABLE = (pa.ArrowException, OSError)


def column_names(path: Path) -> list[str]:
    """Return the names of the columns of a CSV (also gzipped) or Parquet file.

    Raises
    ------
    InputError
        If the file is empty, cut short, or not text in UTF-8.
    """
    if is_parquet(path):
        return list(_parquet(path).schema_arrow.names)
    try:
        with _open(path) as stream:
            head = stream.read(1 << 16)
    except _UNREADABLE as error:
        raise _cut_short(path, error) from error
    check_encoding(path, head)
    if not head.strip():
        raise InputError("the file is empty; download it again", file=path)
    text = head.decode("utf-8-sig", errors="replace")
    return next((row for row in csv.reader(io.StringIO(text, newline="")) if row), [])


def read_table(path: Path, columns: Mapping[str, pa.DataType]) -> pa.Table:
    """Read `columns` of a CSV (also gzipped) or Parquet file, in that order.

    Text is taken as it stands: ``NA``, ``None`` and ``True`` are titles, and only the empty string is missing. In
    numbers and flags the usual spellings of a missing value are missing too. Lists, in Parquet, are joined by ``;``.

    Parameters
    ----------
    path : Path
    columns : mapping
        Name in the file → ``pa.string()``, ``pa.float64()`` or ``pa.bool_()`` (which takes True, False, 1 and 0).

    Raises
    ------
    InputError
        If a column is missing, or the file is empty, cut short, of another encoding, or holds a value of another type;
        the message names file, column and row.
    """
    names = column_names(path)
    for column in columns:
        if names.count(column) != 1:
            problem = "appears more than once" if column in names else "is missing"
            raise InputError(f"this column {problem}; the file has {', '.join(names[:30])}", file=path, column=column)
    table = _read_parquet(path, columns) if is_parquet(path) else _read_csv(path, columns)
    if not table.num_rows:
        raise InputError("the file has a header but no rows; download it again", file=path)
    return table


def _read_csv(path: Path, columns: Mapping[str, pa.DataType]) -> pa.Table:
    options = pa.csv.ConvertOptions(
        include_columns=list(columns),
        column_types=dict(columns),
        null_values=list(MISSING_NUMBERS),
        true_values=list(TRUE),
        false_values=list(FALSE),
    )
    try:
        balanced = _quotes(path) % 2 == 0
        with _open(path) as stream:
            table = pa.csv.read_csv(stream, pa.csv.ReadOptions(), pa.csv.ParseOptions(newlines_in_values=True), options)
    except _UNREADABLE as error:
        explain(path, columns)
        raise _cut_short(path, error) from error
    if not balanced:
        # Arrow takes a quote that is never closed for the start of one long value.
        explain(path, columns)
    return _empty_to_null(table)


def _open(path: Path) -> pa.NativeFile:
    return pa.input_stream(path, compression="gzip" if is_gzip(path) else None)


def _quotes(path: Path) -> int:
    with _open(path) as stream:
        return sum(chunk.count(b'"') for chunk in iter(lambda: stream.read(_CHUNK), b""))


def _empty_to_null(table: pa.Table) -> pa.Table:
    for position, field in enumerate(table.schema):
        values = table.column(position)
        if pa.types.is_string(field.type) and pc.any(pc.equal(values, "")).as_py():
            values = pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)
            table = table.set_column(position, field.name, values)
    return table


def is_parquet(path: Path) -> bool:
    """Return whether a file is Parquet, or is named as if it were."""
    try:
        with path.open("rb") as file:
            return file.read(4) == _PARQUET_MAGIC or path.suffix.lower() == ".parquet"
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path) from error


def _parquet(path: Path) -> pq.ParquetFile:
    if not path.stat().st_size:
        raise InputError("the file is empty; download it again", file=path)
    try:
        return pq.ParquetFile(path)
    except _UNREADABLE as error:
        raise _cut_short(path, error) from error


def _read_parquet(path: Path, columns: Mapping[str, pa.DataType]) -> pa.Table:
    try:
        with _parquet(path) as file:
            table = file.read(columns=list(columns))
    except _UNREADABLE as error:
        raise _cut_short(path, error) from error
    converted = {name: _convert(path, name, table[name], wanted) for name, wanted in columns.items()}
    return _empty_to_null(pa.table(converted))


def _convert(path: Path, column: str, values: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
        values = pc.binary_join(values.cast(pa.list_(pa.string())), ";")
    try:
        return values.cast(wanted)
    except pa.ArrowException:
        if not pa.types.is_string(values.type):
            message = f"holds {values.type} values where {wanted} is expected"
            raise InputError(message, file=path, column=column) from None
    return pa.chunked_array([[explain_value(path, column, row, value, wanted) for row, value in _numbered(values)]])


def _numbered(values: pa.ChunkedArray) -> list[tuple[int, str | None]]:
    return list(enumerate(values.to_pylist(), start=1))


def _cut_short(path: Path, error: Exception) -> InputError:
    detail = " ".join(str(error).split())[:200]
    return InputError(f"cannot be read, it may be cut short: download it again ({detail})", file=path)
