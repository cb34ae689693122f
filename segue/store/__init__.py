"""The feature store: one small interface, and the homes it can have."""

from segue.store.base import FeatureStore, Where
from segue.store.open import open_store

__all__ = ["FeatureStore", "Where", "open_store"]
