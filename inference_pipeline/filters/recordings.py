"""Filters on which recording it is."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from inference_pipeline.filters.candidates import Candidates


@dataclass(frozen=True)
class Known:
    """Remove the recordings that the listener has played, under whatever id."""

    recordings: AbstractSet[str]
    name: ClassVar[str] = "known"

    def keep(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Return which rows stay."""
        return ~candidates.among(self.recordings)


@dataclass(frozen=True)
class Disliked:
    """Remove the recordings that the listener dislikes."""

    recordings: AbstractSet[str]
    name: ClassVar[str] = "disliked"

    def keep(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Return which rows stay."""
        return ~candidates.among(self.recordings)


@dataclass(frozen=True)
class Unavailable:
    """Remove the recordings that Spotify no longer takes on a playlist."""

    recordings: AbstractSet[str]
    name: ClassVar[str] = "unavailable"

    def keep(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Return which rows stay."""
        return ~candidates.among(self.recordings)


@dataclass(frozen=True)
class RecentlyServed:
    """Remove the recordings that were on a playlist of theirs in the last four weeks."""

    recordings: AbstractSet[str]
    name: ClassVar[str] = "recently served"

    def keep(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Return which rows stay."""
        return ~candidates.among(self.recordings)


@dataclass(frozen=True)
class Repeats:
    """Let at most `at_most` recordings of the last playlist come back, the best ones."""

    recordings: AbstractSet[str]
    at_most: int
    name: ClassVar[str] = "repeats"

    def keep(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Return which rows stay."""
        again = candidates.among(self.recordings)
        return np.asarray(~again | (np.cumsum(again) <= self.at_most))


@dataclass(frozen=True)
class Versions:
    """Remove live takes, remixes and other versions: of songs that the listener knows, and of songs further up."""

    songs: AbstractSet[str]
    name: ClassVar[str] = "versions"

    def keep(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Return which rows stay."""
        return ~(candidates.repeated() | candidates.versions_of(self.songs))
