"""The model registry: fitted models, kept by name and version."""

from segue.registry.base import ModelRegistry
from segue.registry.folder import FolderRegistry
from segue.registry.model import Model, Version
from segue.registry.open import open_registry

__all__ = ["FolderRegistry", "Model", "ModelRegistry", "Version", "open_registry"]
