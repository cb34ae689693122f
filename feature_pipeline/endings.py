"""Telling by its last line whether a CSV file is whole.

A file that is cut inside its last column has as many values as it should; what it lacks is the final newline.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from feature_pipeline.inspection import is_gzip
from feature_pipeline.tables import column_names, is_parquet, read_table
from segue.errors import InputError

Ending = Literal["newline", "known value", "any"]
"""How the files of a dataset end: in a newline; in a value that their last column has elsewhere too; not known."""

OPEN = "its last line does not end in a newline: was the file cut short?"


def ends_open(path: Path) -> bool:
    """Return whether the last line of a CSV file has no newline. A compressed file has a checksum of its own."""
    if is_parquet(path) or is_gzip(path) or not path.stat().st_size:
        return False
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() not in {b"\n", b"\r"}


def check_ending(path: Path, ending: Ending) -> None:
    """Raise `InputError`, naming the last row, if a file does not end as it should."""
    if ending == "any" or not ends_open(path):
        return
    column = column_names(path)[-1]
    values = read_table(path, {column: pa.string()})[column]
    if ending == "newline" or pc.index(values[:-1], values[-1]).as_py() < 0:
        message = "the file ends in the middle of this row; download it again"
        raise InputError(message, file=path, column=column, row=len(values))
