"""The model registry: fitted models, kept by name and version."""

from segue.registry.folder import FolderRegistry
from segue.registry.model import Model, Version

__all__ = ["FolderRegistry", "Model", "Version"]
