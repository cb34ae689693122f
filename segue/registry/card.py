"""The description that lies beside a model's files, the same in every registry."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from segue.errors import UnusableModelError
from segue.registry.model import Model

CARD = "model.json"
INPUT_EXAMPLE = "input_example.json"
"""What a registry that shows an example of a model's input takes it from, where it is among the files."""


def write_card(folder: Path, name: str, metrics: Mapping[str, float], schema: Mapping[str, Any]) -> None:
    """Describe the model whose files are in `folder`, which are all that it will ever have.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    card = {
        "name": name,
        "metrics": {key: float(value) for key, value in metrics.items()},
        "schema": dict(schema),
        "registered_at": datetime.now(timezone.utc).isoformat(),
        "files": {
            path.relative_to(folder).as_posix(): path.stat().st_size
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        },
    }
    (folder / CARD).write_text(json.dumps(card, indent=2, ensure_ascii=False), encoding="utf-8")


def read_card(text: str | bytes, name: str, version: int, where: str, fetch: Callable[[], Path]) -> Model:
    """Return the model that a description is of; `where` it was read is for the message of an error.

    Raises
    ------
    UnusableModelError
        If it is no description of a model.
    """
    try:
        card = json.loads(text)
        registered_at = datetime.fromisoformat(card["registered_at"])
        return Model(name, version, card["metrics"], card["schema"], registered_at, fetch)
    except (ValueError, KeyError, TypeError) as error:
        raise UnusableModelError(f"{where}: unreadable ({error}); run `segue train` for a new version") from error


def files_of(text: str | bytes) -> dict[str, int]:
    """Return the files that a description lists, and how many bytes each has."""
    files: dict[str, int] = json.loads(text).get("files", {})
    return files
