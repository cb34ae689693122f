"""A trial of the registry on Hopsworks, for `segue doctor --live`."""

from __future__ import annotations

import shutil
from pathlib import Path

from segue.errors import RegistryError
from segue.hopsworks.trial import trial
from segue.registry.hopsworks import TRIAL, HopsworksRegistry
from segue.settings import Settings

TEXT = "A trial of Segue's doctor; it may be deleted."


def smoke(settings: Settings) -> str:
    """Register a model of its own, promote, download and delete it; return one line of what was done.

    Raises
    ------
    RegistryError, SettingsError
        If any of it does not work.
    """
    registry = HopsworksRegistry(settings)
    with trial(lambda: registry.drop(TRIAL)):
        _try(registry)
    return "registered, promoted, downloaded and removed a model"


def _try(registry: HopsworksRegistry) -> None:
    def write(folder: Path) -> None:
        (folder / "trial.txt").write_text(TEXT, encoding="utf-8")

    model = registry.save(TRIAL, write, {"trial": 1.0}, {})
    registry.promote(model)
    shutil.rmtree(model.path)  # so that it must be downloaded
    found = registry.load(TRIAL, "best")
    if (found.path / "trial.txt").read_text(encoding="utf-8") != TEXT or found.metrics != {"trial": 1.0}:
        raise RegistryError("Hopsworks does not give back what was registered: look at its status page")
    registry.remove(found)
