"""Which registered model recommends."""

from __future__ import annotations

from dataclasses import dataclass

from segue.models.blend import Blend
from segue.registry import FolderRegistry
from segue.settings import Settings


@dataclass(frozen=True)
class LoadedModel:
    """A registered model, opened.

    Attributes
    ----------
    label : str
        Name and version, as ``name@version``.
    blend : Blend
    """

    label: str
    blend: Blend


def load_model(settings: Settings, label: str) -> LoadedModel:
    """Open the model that `label` names: as `FolderRegistry.find` reads it.

    Raises
    ------
    InputError
        If what follows the @ is no version.
    ModelNotFoundError, RegistryError
        If there is no such model, or it cannot be read.
    """
    model = FolderRegistry(settings.models_dir).find(label)
    return LoadedModel(model.label, Blend.load(model.path))
