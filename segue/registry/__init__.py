"""The model registry: fitted models, kept by name and version."""

from segue.registry.folder import FolderRegistry, Model

__all__ = ["FolderRegistry", "Model"]
