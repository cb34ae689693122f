"""From the settings to a registry."""

from __future__ import annotations

from segue.registry.base import ModelRegistry
from segue.registry.folder import FolderRegistry
from segue.settings import Settings


def open_registry(settings: Settings) -> ModelRegistry:
    """Open the registry that belongs to the store: the project of ``hopsworks://PROJECT``, else a folder of `var`.

    Nothing is read or created before it is asked for something.

    Raises
    ------
    SettingsError
        If a setting is missing that the registry cannot do without.
    """
    if settings.store_url.startswith("hopsworks://"):
        from segue.registry.hopsworks import HopsworksRegistry

        return HopsworksRegistry(settings)
    return FolderRegistry(settings.models_dir)
