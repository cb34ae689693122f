"""Which registered model recommends."""

from __future__ import annotations

from dataclasses import dataclass

from segue.errors import InputError
from segue.models.space_model import SpaceModel
from segue.registry import FolderRegistry
from segue.settings import Settings


@dataclass(frozen=True)
class LoadedModel:
    """A registered model, opened.

    Attributes
    ----------
    label : str
        Name and version, as ``name@version``.
    space_model : SpaceModel
    """

    label: str
    space_model: SpaceModel


def load_model(settings: Settings, label: str) -> LoadedModel:
    """Open the model that `label` names: a registered name for its latest version, or ``name@version``.

    Raises
    ------
    InputError
        If the version is not a number.
    ModelNotFoundError, RegistryError
        If there is no such model, or it cannot be read.
    """
    name, separator, version = label.partition("@")
    if separator and not version.isdecimal():
        raise InputError(f"model {label!r}: write a name, such as audio, or name@version, such as audio@1")
    model = FolderRegistry(settings.models_dir).load(name, int(version) if separator else None)
    return LoadedModel(model.label, SpaceModel.load(model.path))
