"""Going through a CSV file row by row, to say where it is broken."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import pyarrow as pa

from segue.errors import InputError

MISSING_NUMBERS = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")
"""Spellings of a missing number or flag."""
TRUE = ("True", "true", "TRUE", "1", "1.0")
FALSE = ("False", "false", "FALSE", "0", "0.0")

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def check_encoding(path: Path, head: bytes) -> None:
    """Raise `InputError` if a file that begins with `head` is UTF-16, as Excel's "Unicode text" is."""
    if head.startswith(_UTF16_MARKS) or b"\0" in head:
        raise InputError("the encoding is UTF-16 (or the file is not text); save it as UTF-8", file=path)


def is_gzip(path: Path) -> bool:
    """Return whether a file is named as a gzipped one, in whatever case."""
    return path.suffix.lower() == ".gz"


def explain(path: Path, columns: Mapping[str, pa.DataType]) -> None:
    """Raise `InputError` for the first row of a CSV file that is cut short, of another encoding or of another type.

    Returns if there is none: a stray quote inside a value, for one, is no fault.
    """
    rows = _rows(path)
    _, names = next(rows)
    wanted = {names.index(name): kind for name, kind in columns.items()}
    for number, row in rows:
        if len(row) != len(names):
            message = f"has {len(row)} values where the header has {len(names)}; is the file cut short?"
            raise InputError(message, file=path, row=number)
        _check_text(path, names, number, row)
        for position, kind in wanted.items():
            explain_value(path, names[position], number, row[position], kind)


def explain_value(path: Path, column: str, row: int, value: str | None, kind: pa.DataType) -> str | float | bool | None:
    """Return a value as what it should be; raise `InputError` naming its place if it is something else."""
    if value is None or pa.types.is_string(kind):
        return value
    text = value.strip()
    if text in MISSING_NUMBERS:
        return None
    if pa.types.is_boolean(kind):
        if text in TRUE + FALSE:
            return text in TRUE
        raise InputError(f"{value!r} is neither true nor false", file=path, column=column, row=row)
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{value!r} is not a number", file=path, column=column, row=row) from None


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank with their number; the header is row 0."""
    number = -1
    try:
        with _open_text(path) as file:
            for row in filter(None, csv.reader(file, strict=True)):
                number += 1
                yield number, row
    except csv.Error:
        message = "the quotes from here on do not pair up; is the file cut short?"
        raise InputError(message, file=path, row=number + 1) from None
    except EOFError:
        message = "the compressed file is cut short here; download it again"
        raise InputError(message, file=path, row=number + 1) from None


def _open_text(path: Path) -> IO[str]:
    # Undecodable bytes come through as surrogates, so that the row that holds them can be named.
    if is_gzip(path):
        return gzip.open(path, "rt", encoding="utf-8-sig", errors="surrogateescape", newline="")
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def _check_text(path: Path, names: Sequence[str], number: int, row: Sequence[str]) -> None:
    for name, value in zip(names, row, strict=True):
        try:
            value.encode()
        except UnicodeEncodeError:
            message = "the encoding is not UTF-8 (Latin-1, perhaps); save the file as UTF-8"
            raise InputError(message, file=path, column=name, row=number) from None
