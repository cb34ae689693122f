"""The registry on Hopsworks: versions registered there, their files in its dataset ``Models``."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from segue.errors import RegistryError
from segue.hopsworks.address import Address
from segue.hopsworks.certainty import exists, make_sure
from segue.hopsworks.failures import failures
from segue.hopsworks.session import connect
from segue.registry.base import Write
from segue.registry.card import read_card, write_card
from segue.registry.copies import Copies
from segue.registry.files import flush, writing_aside
from segue.registry.labels import NAME, check_name, find_model, number_of
from segue.registry.model import Model, Version
from segue.registry.promotions import demote, promote, promoted
from segue.registry.uploads import Project
from segue.settings import Settings

PATIENCE_SECONDS = 30.0
TRIAL = "segue_doctor"
"""The name of the model that a trial registers; it is in no listing."""


class HopsworksRegistry:
    """The model registry of a Hopsworks project, as `segue.registry.base.ModelRegistry` describes it.

    Whatever is asked of it is asked of Hopsworks; only files are kept, in ``<var>/hopsworks/models``. They are
    downloaded when somebody opens them.

    Parameters
    ----------
    settings : Settings
    patience : float
        Seconds to look for what was done though the answer came too late.

    Raises
    ------
    SettingsError
        If ``SEGUE_STORE`` names no project, or there is no key.
    """

    def __init__(self, settings: Settings, patience: float = PATIENCE_SECONDS) -> None:
        self._settings, self._patience = settings, patience
        self._name = Address.of(settings).project
        self._opened: tuple[Any, Project] | None = None
        self._home = settings.hopsworks_dir / "models" / self._name

    @property
    def where(self) -> str:
        """The project, as messages name it."""
        return f"the Hopsworks project {self._name}"

    def save(self, name: str, write: Write, metrics: Mapping[str, float], schema: Mapping[str, Any]) -> Model:
        """Register what `write` writes as a new version of model `name`."""
        copies = self._copies(name)
        with (
            self._project(f"{self.where}: cannot register a model") as project,
            writing_aside(copies.home) as aside,
        ):
            write(aside)
            write_card(aside, name, metrics, schema)
            flush(aside)
            entry = project.upload(name, aside, metrics)
            copies.adopt(entry, aside)
        return self.load(name, entry.version)

    def load(self, name: str, version: Version = "latest") -> Model:
        """Return a version of model `name`: a number, the latest, or the one that was promoted last."""
        entries, copies = self._entries(name), self._copies(name)
        number = number_of(self, name, version, sorted(entries))
        entry = entries[number]
        with self._project(f"{self.where}: cannot read {name}@{number}") as project:
            text = copies.card(project.dataset, entry)

        def fetch() -> Path:
            path = copies.path(entry)
            if not path.exists():
                with self._project(f"{self.where}: cannot download {name}@{number}") as project:
                    copies.forget(self.versions(name))
                    copies.download(project.dataset, entry)
            return path

        return read_card(text, name, number, f"{self.where}: {name}@{number}", fetch)

    def find(self, label: str) -> Model:
        """Return the model that `label` names: ``name``, ``name@3``, ``name@latest`` or ``name@best``."""
        return find_model(self, label)

    def promote(self, model: Model) -> None:
        """Make `model` the best version of its name, in one step."""
        with self._project(f"{self.where}: cannot promote {model.label}") as project:
            promote(project.dataset, model.name, model.version, self._patience)

    def remove(self, model: Model) -> None:
        """Delete a version for ever, here and on Hopsworks; copies on other machines go when these download next."""
        self._remove(model.name, model.version)

    def drop(self, name: str) -> None:
        """Delete all versions of model `name`, what is left of others, and what says which is the best."""
        for version in self.versions(name):
            self._remove(name, version)
        home = f"Models/{name}"
        with self._project(f"{self.where}: cannot delete {home}") as project:
            if exists(project.dataset, home):
                project.dataset.remove(home)
        shutil.rmtree(self._copies(name).home, ignore_errors=True)

    def best(self, name: str) -> int | None:
        """Return the version that was promoted last, if any was."""
        check_name(name)
        with self._project(f"{self.where}: cannot find the best version of {name}") as project:
            return promoted(project.dataset, name)

    def versions(self, name: str) -> list[int]:
        """Return the versions of model `name`, oldest first."""
        return sorted(self._entries(name))

    def names(self) -> list[str]:
        """Return the names that have a version, sorted."""
        with self._project(f"{self.where}: cannot list its models") as project:
            folders = [path.rpartition("/")[2] for path in project.dataset.list("Models")]
        return sorted(name for name in folders if NAME.fullmatch(name) and name != TRIAL and self.versions(name))

    def _entries(self, name: str) -> dict[int, Any]:
        check_name(name)
        with self._project(f"{self.where}: cannot list the versions of {name}") as project:
            return {int(entry.version): entry for entry in project.registry.get_models(name)}

    def _remove(self, name: str, version: int) -> None:
        with self._project(f"{self.where}: cannot delete {name}@{version}") as project:
            entry = project.registry.get_model(name, version)
            if entry is None:
                raise RegistryError(f"{self.where}: cannot delete {name}@{version}: there is no such version")
            # First, so that a kill cannot leave a mark that the next version of this number would inherit.
            demote(project.dataset, name, version, self._patience)
            folder = f"Models/{name}/{version}"
            if not exists(project.dataset, folder):
                # Without it the server refuses to forget the version.
                project.dataset.mkdir(folder)
            make_sure(
                entry.delete,
                lambda: project.registry.get_model(name, version) is None,
                self._patience,
            )
        shutil.rmtree(self._copies(name).path(entry), ignore_errors=True)

    def _copies(self, name: str) -> Copies:
        return Copies(self._home / check_name(name), name)

    @contextmanager
    def _project(self, action: str) -> Iterator[Project]:
        with failures(RegistryError, action):
            yield self._open(connect(self._settings))

    def _open(self, project: Any) -> Project:
        if self._opened is None or self._opened[0] is not project:
            dataset = project.get_dataset_api()
            try:
                registry = project.get_model_registry()
            except Exception:
                # It says that the dataset is missing, whatever it was that kept it from looking.
                dataset.get("Models")
                raise
            self._opened = project, Project(self._name, dataset, registry, self._patience)
        return self._opened[1]
