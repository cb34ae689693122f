"""Which registered model recommends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segue.errors import ModelNotFoundError
from segue.models.blend import Blend
from segue.models.map import Positions, read_map
from segue.registry import open_registry
from segue.settings import Settings


@dataclass(frozen=True)
class LoadedModel:
    """A registered model, opened.

    Attributes
    ----------
    label : str
        Name and version, as ``name@version``.
    blend : Blend
    map : ndarray of float16, shape (n, 2), optional
        Where each recording is on the map, from 0 to 1; a model from before there were maps has none.
    """

    label: str
    blend: Blend
    map: Positions | None = None


def load_model(settings: Settings, label: str) -> LoadedModel:
    """Open the model that `label` names: as `ModelRegistry.find` reads it.

    Raises
    ------
    InputError
        If what follows the @ is no version.
    ModelNotFoundError, RegistryError
        If there is no such model, or it cannot be read.
    """
    registry = open_registry(settings)
    name, registered = label.partition("@")[0], registry.names()
    if registered and name not in registered:
        raise ModelNotFoundError(_advise(name, registered))
    model = registry.find(label)
    blend = Blend.load(model.path)
    return LoadedModel(model.label, blend, read_map(model.path, len(blend.recordings)))


def _advise(name: str, registered: Sequence[str]) -> str:
    from segue.models.choice import SPACES

    if name in SPACES:
        return f"no model {name!r} is registered yet, but {', '.join(registered)}: run `segue train --space {name}`"
    others = ", ".join(space for space in SPACES if space not in registered)
    return f"there is no model {name!r}: choose {', '.join(registered)}" + (
        f", or train one of {others}" if others else ""
    )
