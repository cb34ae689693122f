"""Writing a result file whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from segue.errors import InputError

WRITERS: dict[str, Callable[[pa.Table, Path], None]] = {
    ".csv": pyarrow.csv.write_csv,
    ".parquet": pyarrow.parquet.write_table,
}


def check_output(file: Path, source: Path | None = None) -> None:
    """Refuse a result file that could not be written, or would overwrite `source`, before any work is done.

    Raises
    ------
    InputError
        If it is neither CSV nor Parquet, is `source` under whatever name, its folder is missing, or nothing may be
        written there.
    """
    if file.suffix.lower() not in WRITERS:
        raise InputError("results are written to .csv or .parquet files", file=file)
    if source is not None and file.exists() and source.exists() and file.samefile(source):
        raise InputError("this is the file of seeds itself: name another one for the results", file=file)
    if file.is_dir():
        raise InputError("this is a folder: name a file", file=file)
    if not file.parent.is_dir():
        raise InputError("its folder does not exist: create it first", file=file)
    if not os.access(file.parent, os.W_OK):
        raise InputError("its folder cannot be written to: choose another one", file=file)


def write_output(table: pa.Table, file: Path) -> None:
    """Write `table` to `file` by its suffix; a file that was there stays whole until the new one is."""
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        WRITERS[file.suffix.lower()](table, aside)
        aside.replace(file)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror or error}", file=file) from error
    finally:
        aside.unlink(missing_ok=True)
