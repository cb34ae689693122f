"""What every model registry can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from segue.registry.model import Model, Version

Write = Callable[[Path], None]
"""Writes a model's files into the empty folder that it is given."""


class ModelRegistry(Protocol):
    """Fitted models by name and version. A version appears whole or not at all, and never changes afterwards.

    A name is of letters, digits and underscores; any other, such as a path, is an `InputError`, whatever is asked of
    it. All methods raise `RegistryError` when the registry cannot be read or written.
    """

    @property
    def where(self) -> str:
        """Where it is, as messages name it."""
        ...

    def save(self, name: str, write: Write, metrics: Mapping[str, float], schema: Mapping[str, Any]) -> Model:
        """Register what `write` writes as a new version of model `name`; `metrics` and `schema` are as in `Model`.

        Its number is higher than those of all versions that there are, and it is not the best until it is promoted.
        An error leaves the versions that there are as they were. A home that shows an example of the model's input
        takes it from ``input_example.json`` among the files.
        """
        ...

    def load(self, name: str, version: Version = "latest") -> Model:
        """Return a version of model `name`: a number, the latest, or the one that was promoted last.

        Raises
        ------
        ModelNotFoundError
            If there is none; the message says what there is.
        """
        ...

    def find(self, label: str) -> Model:
        """Return the model that `label` names: ``name``, ``name@3``, ``name@latest`` or ``name@best``.

        A bare name means the best version; until one has been promoted, the latest.

        Raises
        ------
        InputError
            If what comes before the @ is no name of a model, or what follows it no version.
        ModelNotFoundError
            As `load`.
        """
        ...

    def promote(self, model: Model) -> None:
        """Make `model` the best version of its name, in one step."""
        ...

    def remove(self, model: Model) -> None:
        """Delete a version for ever; if it was the best, none is until one is promoted.

        Where it was the latest, the next version takes its number.
        """
        ...

    def best(self, name: str) -> int | None:
        """Return the version that was promoted last, if any was."""
        ...

    def versions(self, name: str) -> list[int]:
        """Return the versions of model `name`, oldest first."""
        ...

    def names(self) -> list[str]:
        """Return the names that have a version, sorted."""
        ...
