"""From an address to a store."""

from __future__ import annotations

from pathlib import Path

from segue.errors import SettingsError
from segue.store.address import is_postgresql, without_secrets
from segue.store.base import FeatureStore


def open_store(url: str) -> FeatureStore:
    """Open the feature store at `url`, such as ``sqlite:///var/segue.db``; it is created on the first write.

    Raises
    ------
    SettingsError
        If the address is of no known kind.
    """
    scheme, separator, path = url.partition(":///")
    if scheme == "sqlite" and separator and path:
        from segue.store.sqlite import SQLiteStore

        return SQLiteStore(Path(path))
    if is_postgresql(url):
        from segue.store.postgresql import PostgreSQLStore

        return PostgreSQLStore(url)
    if url.startswith("hopsworks://"):
        from segue.settings import load_settings
        from segue.store.hopsworks import HopsworksStore

        return HopsworksStore(load_settings().model_copy(update={"store": url}))
    raise SettingsError(
        f"SEGUE_STORE={without_secrets(url)!r} is not a store: write sqlite:///PATH, such as sqlite:///var/segue.db, "
        "postgresql://USER:PASSWORD@HOST/DATABASE or hopsworks://PROJECT"
    )
