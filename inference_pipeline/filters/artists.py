"""Filters on who made it."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from inference_pipeline.filters.candidates import Candidates


@dataclass(frozen=True)
class BlockedArtists:
    """Remove what any of these artists has a part in; names are normalized."""

    artists: AbstractSet[str]
    name: ClassVar[str] = "blocked artists"

    def keep(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Return which rows stay."""
        return ~candidates.credited(self.artists)


@dataclass(frozen=True)
class NewArtists:
    """Keep only artists that the listener has not played; names are normalized."""

    known: AbstractSet[str]
    name: ClassVar[str] = "played artists"

    def keep(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Return which rows stay."""
        return ~candidates.credited(self.known)


@dataclass(frozen=True)
class FamiliarArtists:
    """Keep only what an artist that the listener plays has a part in; names are normalized."""

    known: AbstractSet[str]
    name: ClassVar[str] = "unknown artists"

    def keep(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Return which rows stay."""
        return candidates.credited(self.known)


@dataclass(frozen=True)
class ArtistSpread:
    """Leave every artist at most `at_most` tracks, the best ones.

    All credited artists count, so that a featured one does not come in by the back door.
    """

    at_most: int
    name: ClassVar[str] = "same artist again"

    def keep(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Return which rows stay."""
        tracks, artists = candidates.described.credits.at(candidates.rows)
        # Only who is credited more often than that can be one too many.
        crowded = np.flatnonzero(np.bincount(artists)[artists] > self.at_most)
        by_artist = crowded[np.argsort(artists[crowded], kind="stable")]
        tracks, artists = tracks[by_artist], artists[by_artist]
        begins = np.diff(artists, prepend=-1) > 0
        firsts = np.maximum.accumulate(np.where(begins, np.arange(len(artists)), 0))
        kept = np.ones(len(candidates), bool)
        while True:
            # Who is full depends on what of theirs is kept further up, which depends on who else is full there. Each
            # round is right further down the list than the one before: what no longer changes is right all the way.
            counted = kept[tracks]
            earlier = np.cumsum(counted) - counted
            full = earlier - earlier[firsts] >= self.at_most
            before, kept = kept, np.ones(len(candidates), bool)
            kept[tracks[full]] = False
            if np.array_equal(kept, before):
                return kept
