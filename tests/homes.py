"""What tests know of a store's place."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

NEEDS = {
    "damage": "somebody can write past the schemas",
    "rivals": "several programs write the same rows at the same moment",
    "transaction": "several groups change in one step",
}
"""What not every home can do, or lets a test do."""


@dataclass(frozen=True)
class Home:
    """An empty store's place.

    Attributes
    ----------
    url : str
        Its address.
    execute : callable
        Runs an SQL statement there, past every check of Segue's, and returns the first value as text.
    cannot : mapping of str to str
        Which of `NEEDS` it does not fulfill, and why.
    turns : int
        How often a rival writes: less often where a write is several calls over a network.
    """

    url: str
    execute: Callable[[str], str] = field(repr=False)
    cannot: Mapping[str, str] = field(default_factory=dict)
    turns: int = 25


def behind_its_back(path: Path, statement: str) -> str:
    """Run a statement on a SQLite file from another process, and return the first value that it answers."""
    code = (
        "import sys; from adbc_driver_sqlite import dbapi\n"
        "with dbapi.connect(sys.argv[1], autocommit=True) as connection, connection.cursor() as cursor:\n"
        "    cursor.execute(sys.argv[2]); print(*(cursor.fetchone() or ()))"
    )
    command = [sys.executable, "-c", code, f"file:{path}", statement]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
