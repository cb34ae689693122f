"""Which version is the best, on Hopsworks: an empty folder ``Models/<name>/best/<count>_<version>`` says so.

Hopsworks has no such mark of its own: tags need an administrator, and what is registered never changes. A folder is
made in one step. Of several the one with the highest count holds; those before it are then deleted.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from segue.hopsworks.certainty import NOT_THERE, exists, make_sure
from segue.hopsworks.failures import code_of

ENTRY = re.compile("([0-9]+)_([0-9]{1,9})")


def promoted(dataset: Any, name: str) -> int | None:
    """Return the version of model `name` that was promoted last, if any was."""
    return max(_entries(dataset, name), default=(0, None))[1]


def promote(dataset: Any, name: str, version: int, patience: float) -> None:
    """Make `version` the best one of model `name`; `patience` is as in `make_sure`."""
    home = f"Models/{name}/best"
    if not exists(dataset, home):
        make_sure(lambda: dataset.mkdir(home), lambda: exists(dataset, home), patience)
    before = _entries(dataset, name)
    entry = f"{home}/{max((count for count, _ in before), default=0) + 1}_{version}"
    make_sure(lambda: dataset.mkdir(entry), lambda: exists(dataset, entry), patience)
    for count, number in before:
        # Somebody else may have deleted it; the highest count holds in any case.
        with suppress(Exception):
            dataset.remove(f"{home}/{count}_{number}")


def demote(dataset: Any, name: str, version: int, patience: float) -> None:
    """Leave model `name` without a best version, if `version` is it; `patience` is as in `make_sure`."""
    if promoted(dataset, name) == version:
        # The highest last: until it is gone, it holds.
        for count, number in sorted(_entries(dataset, name)):
            _remove(dataset, f"Models/{name}/best/{count}_{number}", patience)


def _remove(dataset: Any, entry: str, patience: float) -> None:
    make_sure(lambda: dataset.remove(entry), lambda: not exists(dataset, entry), patience)


def _entries(dataset: Any, name: str) -> list[tuple[int, int]]:
    try:
        paths = dataset.list(f"Models/{name}/best")
    except Exception as error:
        if code_of(error) in NOT_THERE:
            return []
        raise
    found = (ENTRY.fullmatch(path.rpartition("/")[2]) for path in paths)
    return [(int(match[1]), int(match[2])) for match in found if match]
