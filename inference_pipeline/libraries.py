"""The models that listeners choose among."""

from __future__ import annotations

from dataclasses import dataclass, field

from inference_pipeline.library import Library
from inference_pipeline.models import load_model
from segue.models.catalog import Catalog
from segue.settings import Settings


@dataclass(frozen=True)
class Opened:
    """A registered model with the catalog.

    Attributes
    ----------
    label : str
        Name and version, as ``name@version``.
    library : Library
    """

    label: str
    library: Library


@dataclass(frozen=True)
class Libraries:
    """Registered models, each opened when it is first asked for; they share the catalog."""

    settings: Settings
    catalog: Catalog
    _opened: dict[str, Opened] = field(default_factory=dict)

    def open(self, name: str) -> Opened:
        """Return the model of that name.

        Raises
        ------
        RegistryError
            If there is none yet, or it cannot be read.
        """
        if name not in self._opened:
            loaded = load_model(self.settings, name)
            self._opened[name] = Opened(loaded.label, Library(loaded.blend, self.catalog))
        return self._opened[name]
