"""Models of one file, for what a registry does with any."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def weights(text: str = "1.0") -> Callable[[Path], None]:
    """Return a function that writes a model of one file."""

    def write(folder: Path) -> None:
        (folder / "weights.txt").write_text(text)

    return write
