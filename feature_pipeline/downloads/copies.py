"""Where the files of the last good download are, for when a hub cannot be asked."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feature_pipeline.sources.hub import Hub


def remember_copy(folder: Path, hub: Hub, paths: Sequence[Path]) -> None:
    """Write down where in `folder` each of the hub's files is; never leaves a half-written record."""
    places = {file: os.path.relpath(path, folder) for file, path in zip(hub.files, paths, strict=True)}
    record = _record(folder, hub)
    aside = record.with_suffix(".new")
    aside.write_text(json.dumps(_places(record) | places, indent=2), encoding="utf-8")
    aside.replace(record)


def earlier_copy(folder: Path, hub: Hub) -> tuple[Path, ...] | None:
    """Return the files of the last good download, or None if one of them is not there."""
    places = _places(_record(folder, hub))
    paths = tuple(folder / places[file] for file in hub.files if file in places)
    complete = len(paths) == len(hub.files) and all(path.is_file() for path in paths)
    return paths if complete else None


def sweep(folder: Path, leftovers: str) -> None:
    """Delete what runs that were killed have left in `folder`; we are alone in it."""
    for leftover in folder.rglob(leftovers):
        leftover.unlink()


def slug(hub: Hub) -> str:
    """Return the hub's name as a name of a file or folder."""
    return "".join(letter if letter.isalnum() else "-" for letter in hub.name)


def _record(folder: Path, hub: Hub) -> Path:
    return folder / f"{slug(hub)}.json"


def _places(record: Path) -> dict[str, str]:
    return dict(json.loads(record.read_text(encoding="utf-8"))) if record.is_file() else {}
