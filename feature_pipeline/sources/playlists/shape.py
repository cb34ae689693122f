"""What a file looks like from outside: the names of its columns, or the keys at the top of a JSON document."""

from __future__ import annotations

import re
from pathlib import Path

from feature_pipeline.tables import column_names
from segue.errors import InputError

HEAD_BYTES = 1 << 12


def shape(path: Path) -> frozenset[str]:
    """Return the names in lower case, without the spaces and quotes that some headers have around them.

    Raises
    ------
    InputError
        If the file cannot be read, or is no table.
    """
    keys = _json_keys(path)
    return frozenset(name.strip(' "').lower() for name in keys or column_names(path))


def _json_keys(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path) from error
    return re.findall(r'"(\w+)"\s*:', head.decode("utf-8", errors="replace")) if head.startswith(b"{") else []
