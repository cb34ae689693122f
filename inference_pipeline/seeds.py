"""Reading the seeds file of `segue recommend`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from segue.errors import InputError
from segue.groups import DTYPES

REQUIRED = ("query_id", "track_id")
EXAMPLE = "its first line names them, such as query_id,track_id,preference"


def read_seeds(file: Path) -> pd.DataFrame:
    """Return the seeds in `file`, a CSV or Parquet file.

    Returns
    -------
    DataFrame
        query_id (as in the file), track_id (text) and preference (float32, -1 to 1; 1 where the file gives none).

    Raises
    ------
    InputError
        Naming file, column and row: a file that cannot be read or is empty, a missing column, a wrong type, a missing
        query_id, a preference that is no number from -1 to 1.
    """
    frame = _read(file)
    for column in REQUIRED:
        if column not in frame.columns:
            raise InputError(f"this column is missing; {EXAMPLE}", file=file, column=column)
    if frame.empty:
        raise InputError("there are no seeds in it: give at least one row of query_id and track_id", file=file)
    if not pd.api.types.is_string_dtype(frame["track_id"].dropna()):
        raise InputError("track ids must be text", file=file, column="track_id")
    _refuse(frame["query_id"].isna() | frame["query_id"].astype(str).eq(""), "is missing", file, "query_id")
    return pd.DataFrame(
        {
            "query_id": frame["query_id"],
            "track_id": frame["track_id"].astype(DTYPES["text"]).str.strip(),
            "preference": _preferences(frame, file),
        }
    )


def _read(file: Path) -> pd.DataFrame:
    try:
        if file.suffix.lower() == ".parquet":
            return pd.read_parquet(file)
        if file.suffix.lower() == ".csv":
            return pd.read_csv(file, dtype=DTYPES["text"], keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError("there is no such file", file=file) from None
    except pd.errors.EmptyDataError:
        raise InputError(f"the file is empty; {EXAMPLE}", file=file) from None
    except UnicodeDecodeError:
        raise InputError("this is not UTF-8: save it as CSV UTF-8", file=file) from None
    except (pd.errors.ParserError, pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InputError(f"cannot be read: {str(error).strip().splitlines()[-1]}", file=file) from None
    raise InputError("seeds are read from .csv or .parquet files", file=file)


def _preferences(frame: pd.DataFrame, file: Path) -> pd.Series:
    if "preference" not in frame.columns:
        return pd.Series(1.0, index=frame.index, dtype="float32")
    given = frame["preference"]
    blank = given.isna() | given.astype(str).str.strip().eq("")
    numbers = pd.to_numeric(given.where(~blank, "1"), errors="coerce")
    _refuse(~numbers.between(-1, 1), "is not a number from -1 (disliked) to 1", file, "preference", given)
    return numbers.astype("float32")


def _refuse(wrong: pd.Series, what: str, file: Path, column: str, values: Any = None) -> None:
    if wrong.any():
        position = int(wrong.to_numpy().argmax())
        value = "" if values is None else f"{values.iloc[position]!r} "
        raise InputError(f"{value}{what}", file=file, column=column, row=position + 1)
