"""The model registry: fitted models, kept by name and version."""

from segue.registry.base import ModelRegistry
from segue.registry.card import INPUT_EXAMPLE
from segue.registry.folder import FolderRegistry
from segue.registry.model import Model, Version
from segue.registry.open import open_registry

__all__ = ["INPUT_EXAMPLE", "FolderRegistry", "Model", "ModelRegistry", "Version", "open_registry"]
