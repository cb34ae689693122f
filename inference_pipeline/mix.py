"""How much of a list is by artists that the listener plays."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from inference_pipeline.filters import Candidates

Familiarity = Literal["any", "mostly familiar", "half and half", "mostly new"]
FAMILIAR: dict[Familiarity, float] = {"mostly familiar": 0.75, "half and half": 0.5, "mostly new": 0.25}
"""The share of artists that the listener plays."""


@dataclass(frozen=True)
class Mix:
    """What a list is made of: tracks by artists that the listener does not play, and by those that they do.

    Attributes
    ----------
    asked : ndarray of int, shape (2,)
        How many of either; together they are the length of the list.
    known : set of str
        Normalized names of the artists that they play; with none of them everything is of the first kind.
    """

    asked: NDArray[np.intp]
    known: AbstractSet[str]
    name: ClassVar[str] = "another mix of artists"

    @classmethod
    def of(cls, familiarity: Familiarity, length: int, artists: AbstractSet[str]) -> Mix:
        """Return the mix that is asked for; "any" is whatever comes."""
        if familiarity == "any":
            return cls(np.array([length, 0]), frozenset())
        familiar = round(FAMILIAR[familiarity] * length)
        return cls(np.array([length - familiar, familiar]), artists)

    def groups(self, candidates: Candidates) -> NDArray[np.intp]:
        """Return of which kind each candidate is, 0 or 1, shape (n,)."""
        if not self.known:
            return np.zeros(len(candidates), np.intp)
        return candidates.credited(self.known).astype(np.intp)

    def fill(self, groups: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return how many of either the list gets, shape (2,): what one kind lacks is filled up with the other."""
        there = np.bincount(groups, minlength=len(self.asked))
        given = np.minimum(self.asked, there)
        return np.asarray(given + np.minimum(there - given, (self.asked - given)[::-1]), np.intp)
