"""The embedded registry: a folder `<name>/<version>/` for each registered model."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from segue.errors import ModelNotFoundError, RegistryError

CARD = "model.json"


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


class FolderRegistry:
    """A model registry in a folder. A version appears whole or not at all, and never changes afterwards.

    Parameters
    ----------
    root : Path
        The folder; created on the first save.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def save(
        self,
        name: str,
        write: Callable[[Path], None],
        metrics: Mapping[str, float],
        schema: Mapping[str, Any],
    ) -> Model:
        """Register a new version of model `name`.

        Parameters
        ----------
        name : str
            Letters, digits and underscores.
        write : callable
            Writes the model's files into the empty folder that it is given.
        metrics, schema
            As in `Model`.

        Raises
        ------
        RegistryError
            If the version cannot be written; earlier versions are untouched.
        """
        home = self.root / name
        try:
            home.mkdir(parents=True, exist_ok=True)
            # A dot keeps an unfinished folder out of every listing; one left by a killed run is swept here.
            for leftover in home.glob(".writing-*"):
                if not _is_alive(leftover):
                    shutil.rmtree(leftover, ignore_errors=True)
            aside = Path(tempfile.mkdtemp(prefix=f".writing-{os.getpid()}-", dir=home))
            try:
                write(aside)
                card = {
                    "name": name,
                    "metrics": {key: float(value) for key, value in metrics.items()},
                    "schema": dict(schema),
                    "registered_at": datetime.now(timezone.utc).isoformat(),
                }
                (aside / CARD).write_text(json.dumps(card, indent=2, ensure_ascii=False), encoding="utf-8")
                _flush(aside)
                version = self._publish(aside, home)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
        except OSError as error:
            raise RegistryError(f"{home}: cannot register a model: {error.strerror or error}") from error
        return self.load(name, version)

    def load(self, name: str, version: int | None = None) -> Model:
        """Return version `version` of model `name`; None means the latest.

        Raises
        ------
        ModelNotFoundError
            If there is none; the message says what there is.
        """
        found = self.versions(name)
        wanted = max(found, default=None) if version is None else version
        if wanted is None or wanted not in found:
            raise ModelNotFoundError(self._not_found(name, version, found))
        path = self.root / name / str(wanted)
        try:
            card = json.loads((path / CARD).read_text(encoding="utf-8"))
            registered_at = datetime.fromisoformat(card["registered_at"])
            return Model(name, wanted, path, card["metrics"], card["schema"], registered_at)
        except (OSError, ValueError, KeyError) as error:
            raise RegistryError(f"{path / CARD}: unreadable ({error}); run `segue train` for a new version") from error

    def versions(self, name: str) -> list[int]:
        """Return the versions of model `name`, oldest first."""
        return sorted(int(path.name) for path in (self.root / name).glob("[0-9]*") if path.name.isdecimal())

    def names(self) -> list[str]:
        """Return the names that have a version."""
        return sorted(path.name for path in self.root.glob("[!.]*") if self.versions(path.name))

    def _publish(self, aside: Path, home: Path) -> int:
        while True:
            version = max(self.versions(home.name), default=0) + 1
            try:
                # Renaming onto a folder that another run has filled meanwhile fails: take the next number then.
                aside.rename(home / str(version))
            except OSError:
                if not (home / str(version)).exists():
                    raise
            else:
                return version

    def _not_found(self, name: str, version: int | None, found: list[int]) -> str:
        if found:
            return f"model {name!r} has no version {version}, but {', '.join(map(str, found))}"
        names = self.names()
        if names:
            return f"no model {name!r} is registered, but {', '.join(names)}: run `segue train --space {name}`"
        where = self.root.absolute()
        return f"no model is in {where} yet: run `segue train` there (after `segue features`), or set SEGUE_VAR"


def _is_alive(leftover: Path) -> bool:
    try:
        os.kill(int(leftover.name.split("-")[1]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _flush(folder: Path) -> None:
    """Force every file to disk, so that a power cut cannot leave a version with holes."""
    for path in [*folder.rglob("*"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
