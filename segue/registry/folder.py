"""The embedded registry: a folder `<name>/<version>/` for each registered model."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal

from segue.errors import InputError, ModelNotFoundError, RegistryError
from segue.registry.files import NAME, flush, is_alive, model_folder, write_whole
from segue.registry.model import Model, Version

CARD = "model.json"
BEST = "best"
NUMBER = re.compile("[0-9]{1,9}")
WORDS: dict[str, Version] = {"latest": "latest", "best": "best"}


class FolderRegistry:
    """A model registry in a folder. A version appears whole or not at all, and never changes afterwards.

    One version of each name may be the best: a file beside the versions names it, and is replaced in one step. A name
    that is anything but letters, digits and underscores, such as a path, is an InputError, whatever is asked of it.

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
        home = model_folder(self.root, name)
        try:
            home.mkdir(parents=True, exist_ok=True)
            # A dot keeps an unfinished folder out of every listing; one left by a killed run is swept here.
            for leftover in home.glob(".writing-*"):
                if not is_alive(leftover):
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
                flush(aside)
                version = self._publish(aside, home)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
        except OSError as error:
            raise RegistryError(f"{home}: cannot register a model: {error.strerror or error}") from error
        return self.load(name, version)

    def load(self, name: str, version: Version = "latest") -> Model:
        """Return a version of model `name`: a number, the latest, or the one that was promoted last.

        Raises
        ------
        ModelNotFoundError
            If there is none; the message says what there is.
        RegistryError
            If it cannot be read.
        """
        found = self.versions(name)
        wanted = version if isinstance(version, int) else self._number(name, version)
        if wanted is None or wanted not in found:
            raise ModelNotFoundError(self._not_found(name, wanted if wanted is not None else version, found))
        path = model_folder(self.root, name) / str(wanted)
        try:
            card = json.loads((path / CARD).read_text(encoding="utf-8"))
            registered_at = datetime.fromisoformat(card["registered_at"])
            return Model(name, wanted, path, card["metrics"], card["schema"], registered_at)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RegistryError(f"{path / CARD}: unreadable ({error}); run `segue train` for a new version") from error

    def find(self, label: str) -> Model:
        """Return the model that `label` names: ``name``, ``name@3``, ``name@latest`` or ``name@best``.

        A bare name means the best version; until one has been promoted, the latest.

        Raises
        ------
        InputError
            If what comes before the @ is no name of a model, or what follows it no version.
        ModelNotFoundError, RegistryError
            As `load`.
        """
        name, separator, version = label.partition("@")
        if not separator:
            return self.load(name, "latest" if self.best(name) is None else "best")
        if not NUMBER.fullmatch(version) and version not in WORDS:
            raise InputError(f"model {label!r}: write a name, such as audio, or name@3, name@latest or name@best")
        return self.load(name, WORDS.get(version) or int(version))

    def promote(self, model: Model) -> None:
        """Make `model` the best version of its name, in one step.

        Raises
        ------
        RegistryError
            If that cannot be written; the present one stays.
        """
        home = self.root / model.name
        try:
            write_whole(home / BEST, f"{model.version}\n")
        except OSError as error:
            raise RegistryError(f"{home}: cannot promote {model.label}: {error.strerror or error}") from error

    def remove(self, model: Model) -> None:
        """Delete a version for ever; a RegistryError if that fails."""
        aside = model.path.with_name(f".writing-{os.getpid()}-{model.version}")
        try:
            # Out of every listing in one step; what a killed run leaves of it, the next save sweeps.
            model.path.rename(aside)
            shutil.rmtree(aside)
        except OSError as error:
            raise RegistryError(f"{model.path}: cannot delete {model.label}: {error.strerror or error}") from error

    def best(self, name: str) -> int | None:
        """Return the version that was promoted last, if any was.

        Raises
        ------
        RegistryError
            If the record of it cannot be read.
        """
        path = model_folder(self.root, name) / BEST
        try:
            return int(path.read_text(encoding="ascii"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise RegistryError(f"{path}: unreadable ({error}); delete it, or run `segue train`") from error

    def versions(self, name: str) -> list[int]:
        """Return the versions of model `name`, oldest first."""
        home = model_folder(self.root, name)
        return sorted(int(path.name) for path in home.glob("[0-9]*") if NUMBER.fullmatch(path.name))

    def names(self) -> list[str]:
        """Return the names that have a version."""
        return sorted(
            path.name for path in self.root.glob("*") if NAME.fullmatch(path.name) and self.versions(path.name)
        )

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

    def _number(self, name: str, version: Literal["latest", "best"]) -> int | None:
        return self.best(name) if version == BEST else max(self.versions(name), default=None)

    def _not_found(self, name: str, version: Version, found: list[int]) -> str:
        if found and version == BEST:
            return f"no version of model {name!r} has been promoted yet: ask for {name}@latest, or run `segue train`"
        if found:
            return f"model {name!r} has no version {version}, but {', '.join(map(str, found))}"
        names = self.names()
        if names:
            return f"no model {name!r} is registered, but {', '.join(names)}; `segue train --help` names what can be"
        where = self.root.absolute()
        return f"no model is in {where} yet: run `segue train` there (after `segue features`), or set SEGUE_VAR"
