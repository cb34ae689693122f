"""Filters on who made it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from inference_pipeline.filters.base import split_labels


@dataclass(frozen=True)
class BlockedArtists:
    """Remove what any of these artists has a part in; names are normalized."""

    artists: AbstractSet[str]
    name: ClassVar[str] = "blocked artists"

    def keep(self, candidates: pd.DataFrame) -> NDArray[np.bool_]:
        """Return which rows stay."""
        return ~has_part(candidates, self.artists)


@dataclass(frozen=True)
class NewArtists:
    """Keep only artists that the listener has not played; names are normalized."""

    known: AbstractSet[str]
    name: ClassVar[str] = "played artists"

    def keep(self, candidates: pd.DataFrame) -> NDArray[np.bool_]:
        """Return which rows stay."""
        return ~has_part(candidates, self.known)


@dataclass(frozen=True)
class FamiliarArtists:
    """Keep only what an artist that the listener plays has a part in; names are normalized."""

    known: AbstractSet[str]
    name: ClassVar[str] = "unknown artists"

    def keep(self, candidates: pd.DataFrame) -> NDArray[np.bool_]:
        """Return which rows stay."""
        return has_part(candidates, self.known)


@dataclass(frozen=True)
class ArtistSpread:
    """Leave every artist at most `at_most` tracks, the best ones.

    All credited artists count, so that a featured one does not come in by the back door.
    """

    at_most: int
    name: ClassVar[str] = "same artist again"

    def keep(self, candidates: pd.DataFrame) -> NDArray[np.bool_]:
        """Return which rows stay."""
        seen: Counter[str] = Counter()
        kept = np.zeros(len(candidates), bool)
        for position, artists in enumerate(split_labels(candidates["credits"])):
            if all(seen[artist] < self.at_most for artist in artists):
                seen.update(artists)
                kept[position] = True
        return kept


def has_part(candidates: pd.DataFrame, artists: AbstractSet[str]) -> NDArray[np.bool_]:
    """Return in which rows any of these artists, by their normalized names, has a part."""
    return np.array([not artists.isdisjoint(names) for names in split_labels(candidates["credits"])], dtype=bool)
