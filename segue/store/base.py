"""What every feature store can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import pandas as pd

from segue.groups import FeatureGroup

Where = Mapping[str, str | int | Sequence[str] | Sequence[datetime]]
"""Conditions that rows must meet: column → the value it equals, or the values it may have."""


class FeatureStore(Protocol):
    """Feature groups that survive. Every write is atomic: it happened whole, or not at all.

    All methods raise `SchemaError` when a frame does not fit its group and `StoreError` when the store cannot be used.
    """

    def upsert(self, group: FeatureGroup, frame: pd.DataFrame) -> None:
        """Insert the rows of `frame`; where a row with the same primary key exists, replace it."""
        ...

    def replace(self, group: FeatureGroup, frame: pd.DataFrame, where: Where | None = None) -> None:
        """Make the rows that meet `where` (None: all) exactly those of `frame`, in one step."""
        ...

    def read(
        self, group: FeatureGroup, columns: Sequence[str] | None = None, where: Where | None = None
    ) -> pd.DataFrame:
        """Return the rows that meet `where` (None: all), ordered by primary key, with the dtypes of the schema."""
        ...

    def update(self, group: FeatureGroup, where: Where, changes: Mapping[str, Any]) -> None:
        """Set some columns of the rows that meet `where`; everything else of them stays as it is at that moment."""
        ...

    def delete(self, group: FeatureGroup, where: Where) -> None:
        """Delete the rows that meet `where`."""
        ...

    def delete_everywhere(self, groups: Sequence[FeatureGroup], where: Where) -> None:
        """Delete the rows of all `groups` that meet `where`, in one step: after a kill all of them are there, or none.

        A home without transactions over several groups deletes in the order of `groups`, so that the first one gone
        says that the others are to go.
        """
        ...
