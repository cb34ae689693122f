"""A trial of the registry on Hopsworks, for `segue doctor --live`."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from segue.errors import RegistryError
from segue.registry.hopsworks import HopsworksRegistry
from segue.settings import Settings

TEXT = "A trial of Segue's doctor; it may be deleted."


def smoke(settings: Settings) -> str:
    """Register a model of its own, promote, download and delete it; return one line of what was done.

    Raises
    ------
    RegistryError, SettingsError
        If any of it does not work.
    """
    name, registry = f"segue_doctor_{secrets.token_hex(4)}", HopsworksRegistry(settings)

    def write(folder: Path) -> None:
        (folder / "trial.txt").write_text(TEXT, encoding="utf-8")

    try:
        model = registry.save(name, write, {"trial": 1.0}, {})
        registry.promote(model)
        shutil.rmtree(model.path)  # so that it must be downloaded
        found = registry.load(name, "best")
        if (found.path / "trial.txt").read_text(encoding="utf-8") != TEXT or found.metrics != {"trial": 1.0}:
            raise RegistryError("Hopsworks does not give back what was registered: look at its status page")
        registry.remove(found)
    finally:
        registry.drop(name)
    return "registered, promoted, downloaded and removed a model"
