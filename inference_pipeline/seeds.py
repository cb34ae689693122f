"""Reading the seeds file of `segue recommend`."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from segue.errors import InputError
from segue.groups import DTYPES
from segue.track_ids import read_track_ids

REQUIRED = ("query_id", "track_id")
UNDECODED = "\N{REPLACEMENT CHARACTER}"
EXAMPLE = "its first line names them, such as query_id,track_id,preference"


def read_seeds(file: Path) -> pd.DataFrame:
    """Return the seeds in `file`, a CSV or Parquet file.

    Returns
    -------
    DataFrame
        query_id (as in the file), track_id (text; out of ids, URIs or links) and preference (float32, -1 to 1; 1 where
        the file gives none).

    Raises
    ------
    InputError
        Naming file, column and row: a file that cannot be read or is empty, a missing column, a wrong type, a missing
        query_id, a preference that is no number from -1 to 1.
    """
    table = _read(file)
    _check_columns(table.column_names, file)
    frame: pd.DataFrame = table.to_pandas(types_mapper={pa.string(): DTYPES["text"]}.get)
    if frame.empty:
        raise InputError("there are no seeds in it: give at least one row of query_id and track_id", file=file)
    if not pd.api.types.is_string_dtype(frame["track_id"].dropna()):
        raise InputError("track ids must be text", file=file, column="track_id")
    _refuse(frame["query_id"].isna() | frame["query_id"].astype(str).eq(""), "is missing", file, "query_id")
    return pd.DataFrame(
        {
            "query_id": frame["query_id"],
            "track_id": _ids(frame["track_id"]),
            "preference": _preferences(frame, file),
        }
    )


def _ids(given: pd.Series) -> pd.Series:
    """Return the ids out of ids, URIs and links; whatever else is given stays, to be reported as unknown."""
    texts = given.astype(DTYPES["text"]).fillna("").str.strip()
    ids: pd.Series = pd.Series(read_track_ids(pa.array(texts, pa.string())), index=texts.index, dtype=DTYPES["text"])
    filled: pd.Series = ids.fillna(texts)
    return filled


def _check_columns(names: Sequence[str], file: Path) -> None:
    for column in REQUIRED:
        if column not in names:
            raise InputError(f"this column is missing; {EXAMPLE}", file=file, column=column)
    for column in names:
        if names.count(column) > 1:
            raise InputError(f"this column is there more than once; {EXAMPLE}", file=file, column=column)


def _read(file: Path) -> pa.Table:
    readers = {".csv": _read_csv, ".parquet": _read_parquet}
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise InputError("seeds are read from files whose names end in .csv or .parquet", file=file)
    if file.is_dir():
        raise InputError("this is a folder: name a file", file=file)
    try:
        return reader(file)
    except FileNotFoundError:
        raise InputError("there is no such file", file=file) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=file) from None


def _read_parquet(file: Path) -> pa.Table:
    try:
        return pyarrow.parquet.read_table(file)
    except pa.ArrowException:
        raise InputError("this is no whole Parquet file: write it again", file=file) from None


def _read_csv(file: Path) -> pa.Table:
    # As text, so that an id such as 007 stays what it is; a bad number is then ours to report, with its row.
    texts = dict.fromkeys((*REQUIRED, "preference"), pa.string())
    options = pyarrow.csv.ConvertOptions(column_types=texts)
    try:
        table = pyarrow.csv.read_csv(file, convert_options=options)
        # The names are decoded only now.
        return table.rename_columns(table.column_names)
    except (pa.ArrowException, UnicodeDecodeError):
        with suppress(csv.Error):
            _say_what_is_wrong(file)
        raise InputError("this is no CSV file in UTF-8: save it again as one", file=file) from None


def _say_what_is_wrong(file: Path) -> None:
    """Raise for the first row of a CSV file that cannot be read: Arrow counts rows and columns in its own way."""
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        rows = (cells for cells in csv.reader(lines) if cells)
        names = next(rows, None)
        if names is None:
            raise InputError(f"the file is empty; {EXAMPLE}", file=file)
        for row, cells in enumerate(rows, start=1):
            if len(cells) != len(names):
                message = f"there are {len(cells)} values, but {len(names)} columns: {', '.join(names)}"
                raise InputError(message, file=file, row=row)
            for column, cell in zip(names, cells, strict=True):
                if UNDECODED in cell:
                    raise InputError(
                        "this is no text in UTF-8: save the file as that", file=file, column=column, row=row
                    )


def _preferences(frame: pd.DataFrame, file: Path) -> pd.Series:
    if "preference" not in frame.columns:
        return pd.Series(1.0, index=frame.index, dtype="float32")
    given = frame["preference"]
    blank = given.isna() | given.astype(str).str.strip().eq("")
    numbers = pd.to_numeric(given.astype(object).where(~blank, 1), errors="coerce").astype("float64")
    _refuse(~numbers.between(-1, 1), "is not a number from -1 (disliked) to 1", file, "preference", given)
    return numbers.astype("float32")


def _refuse(wrong: pd.Series, what: str, file: Path, column: str, values: Any = None) -> None:
    if wrong.any():
        position = int(wrong.to_numpy().argmax())
        value = "" if values is None else f"{values.iloc[position]!r} "
        raise InputError(f"{value}{what}", file=file, column=column, row=position + 1)
