"""Filters on who made it."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from inference_pipeline.filters.candidates import Candidates
from segue.models.vectors import entries


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
        places, artists, _ = entries(candidates.described.credits.of, candidates.rows)
        # Only who is credited more often than that can be one too many.
        crowded = (np.bincount(artists) > self.at_most)[artists] if len(artists) else np.zeros(0, bool)
        places, credited = places[crowded], artists[crowded].tolist()
        starts = np.flatnonzero(np.diff(places, prepend=-1)).tolist()
        left = dict.fromkeys(credited, self.at_most)
        removed = []
        for start, end in pairwise([*starts, len(credited)]):
            own = credited[start:end]
            if all(map(left.__getitem__, own)):
                for artist in own:
                    left[artist] -= 1
            else:
                removed.append(start)
        kept = np.ones(len(candidates), bool)
        kept[places[removed]] = False
        return kept
