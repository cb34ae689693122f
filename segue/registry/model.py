"""A registered model, as the registry hands it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
        Together they identify it among the versions that there are, and `registered_at` among all that ever were.
    metrics : dict of str to float
        What was measured when it was trained.
    schema : dict
        What it was fitted on and with: catalog hash, feature order, library versions.
    registered_at : datetime
        When it was registered, UTC.
    fetch : callable
        Returns the folder with its files, which may have to be downloaded first.
    """

    name: str
    version: int
    metrics: Mapping[str, float]
    schema: Mapping[str, Any]
    registered_at: datetime
    fetch: Callable[[], Path] = field(repr=False, compare=False)

    @property
    def label(self) -> str:
        """Name and version, as ``name@version``."""
        return f"{self.name}@{self.version}"

    @property
    def path(self) -> Path:
        """The folder with its files; a registry elsewhere is asked for them the first time.

        Raises
        ------
        RegistryError
            If they cannot be had.
        """
        return self.fetch()
