"""The embedded registry: a folder `<name>/<version>/` for each registered model."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from segue.errors import RegistryError, UnusableModelError
from segue.registry.base import Write
from segue.registry.card import CARD, read_card, write_card
from segue.registry.files import flush, write_whole, writing_aside
from segue.registry.labels import NAME, NUMBER, check_name, find_model, number_of
from segue.registry.model import Model, Version

BEST = "best"


class FolderRegistry:
    """A model registry in a folder, as `segue.registry.base.ModelRegistry` describes it.

    One version of each name may be the best: a file beside the versions names it, and is replaced in one step.

    Parameters
    ----------
    root : Path
        The folder; created on the first save.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def where(self) -> str:
        """The folder, as messages name it."""
        return str(self.root.absolute())

    def save(self, name: str, write: Write, metrics: Mapping[str, float], schema: Mapping[str, Any]) -> Model:
        """Register what `write` writes as a new version of model `name`."""
        home = self._home(name)
        try:
            with writing_aside(home) as aside:
                write(aside)
                write_card(aside, name, metrics, schema)
                flush(aside)
                version = self._publish(aside, home)
        except OSError as error:
            raise RegistryError(f"{home}: cannot register a model: {error.strerror or error}") from error
        return self.load(name, version)

    def load(self, name: str, version: Version = "latest") -> Model:
        """Return a version of model `name`: a number, the latest, or the one that was promoted last."""
        number = number_of(self, name, version, self.versions(name))
        path = self._home(name) / str(number)
        try:
            text = (path / CARD).read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError) as error:
            raise UnusableModelError(
                f"{path / CARD}: unreadable ({error}); run `segue train` for a new version"
            ) from error
        except OSError as error:
            raise RegistryError(f"{path / CARD}: cannot be read now ({error.strerror or error})") from error
        return read_card(text, name, number, str(path / CARD), lambda: path)

    def find(self, label: str) -> Model:
        """Return the model that `label` names: ``name``, ``name@3``, ``name@latest`` or ``name@best``."""
        return find_model(self, label)

    def promote(self, model: Model) -> None:
        """Make `model` the best version of its name, in one step."""
        home = self.root / model.name
        try:
            write_whole(home / BEST, f"{model.version}\n")
        except OSError as error:
            raise RegistryError(f"{home}: cannot promote {model.label}: {error.strerror or error}") from error

    def remove(self, model: Model) -> None:
        """Delete a version for ever."""
        path = self._home(model.name) / str(model.version)
        aside = path.with_name(f".writing-{os.getpid()}-{model.version}")
        try:
            if self.best(model.name) == model.version:
                # First, so that a kill cannot leave a mark that the next version of this number would inherit.
                (path.parent / BEST).unlink(missing_ok=True)
            # Out of every listing in one step; what a killed run leaves of it, the next save sweeps.
            path.rename(aside)
            shutil.rmtree(aside)
        except OSError as error:
            raise RegistryError(f"{path}: cannot delete {model.label}: {error.strerror or error}") from error

    def best(self, name: str) -> int | None:
        """Return the version that was promoted last, if any was."""
        path = self._home(name) / BEST
        try:
            return int(path.read_text(encoding="ascii"))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise UnusableModelError(f"{path}: unreadable ({error}); delete it, or run `segue train`") from error
        except OSError as error:
            raise RegistryError(f"{path}: cannot be read now ({error.strerror or error})") from error

    def versions(self, name: str) -> list[int]:
        """Return the versions of model `name`, oldest first."""
        return sorted(int(path.name) for path in self._home(name).glob("[0-9]*") if NUMBER.fullmatch(path.name))

    def names(self) -> list[str]:
        """Return the names that have a version, sorted."""
        return sorted(
            path.name for path in self.root.glob("*") if NAME.fullmatch(path.name) and self.versions(path.name)
        )

    def _home(self, name: str) -> Path:
        return self.root / check_name(name)

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
