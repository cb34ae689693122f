"""A registered model, as the registry hands it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

Version = int | Literal["latest", "best"]
"""Which version: its number, the last that was registered, or the last that was promoted."""


@dataclass(frozen=True)
class Model:
    """A registered model.

    Attributes
    ----------
    name, version
        Together they identify it for ever.
    path : Path
        Folder with its files.
    metrics : dict of str to float
        What was measured when it was trained.
    schema : dict
        What it was fitted on and with: catalog hash, feature order, library versions.
    registered_at : datetime
        When it was registered, UTC.
    """

    name: str
    version: int
    path: Path
    metrics: Mapping[str, float]
    schema: Mapping[str, Any]
    registered_at: datetime

    @property
    def label(self) -> str:
        """Name and version, as ``name@version``."""
        return f"{self.name}@{self.version}"
