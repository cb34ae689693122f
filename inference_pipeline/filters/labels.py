"""Filters on what people say it is: genre, year, lyrics, popularity."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from inference_pipeline.filters.candidates import Candidates


@dataclass(frozen=True)
class WantedGenres:
    """Keep only what has one of these genre labels."""

    genres: AbstractSet[str]
    name: ClassVar[str] = "other genres"

    def keep(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Return which rows stay."""
        return candidates.labeled(self.genres)


@dataclass(frozen=True)
class UnwantedGenres:
    """Remove what has one of these genre labels."""

    genres: AbstractSet[str]
    name: ClassVar[str] = "unwanted genres"

    def keep(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Return which rows stay."""
        return ~candidates.labeled(self.genres)


@dataclass(frozen=True)
class Decades:
    """Keep only what was released in one of these decades, each named by its first year (1980 for 1980 to 1989)."""

    first_years: AbstractSet[int]
    name: ClassVar[str] = "other decades"

    def keep(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Return which rows stay."""
        return np.isin(candidates.column("year") // 10 * 10, list(self.first_years))


@dataclass(frozen=True)
class NotExplicit:
    """Keep only what is marked as not explicit: nobody knows what unmarked lyrics say."""

    name: ClassVar[str] = "explicit"

    def keep(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Return which rows stay."""
        return np.asarray(candidates.column("explicit") == 0)


@dataclass(frozen=True)
class Popularity:
    """Keep only what is as popular as asked for: percentiles of its crawl, from 0 (obscure) to 1 (a hit)."""

    lowest: float
    highest: float
    name: ClassVar[str] = "other popularity"

    def keep(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Return which rows stay."""
        percentiles = candidates.column("popularity_percentile")
        return np.asarray((percentiles >= self.lowest) & (percentiles <= self.highest))
