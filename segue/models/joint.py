"""Several spaces that have places, as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from segue.models.spaces.space import PlacedSpace
from segue.models.vectors import Vectors, gather


@dataclass(frozen=True)
class Joint:
    """Spaces that have places, as one space: its places are the combinations that occur.

    Attributes
    ----------
    spaces : mapping of str to PlacedSpace
    parts : mapping of str to ndarray of int, shape (m,)
        The place of each combination in each space.
    places : ndarray of int, shape (n,)
        The combination of each recording.
    """

    spaces: Mapping[str, PlacedSpace]
    parts: Mapping[str, NDArray[np.integer]]
    places: NDArray[np.intp]

    @classmethod
    def of(cls, spaces: Mapping[str, PlacedSpace], rows: NDArray[np.intp]) -> Joint:
        """Join spaces for the recordings at `rows`."""
        each = {name: space.places_[rows] for name, space in spaces.items()}
        # Two at a time, so that numbers stay small however many spaces there are.
        codes = reduce(_pairs, each.values())
        _, first, places = np.unique(codes, return_index=True, return_inverse=True)
        return cls(spaces, {name: own[first] for name, own in each.items()}, places)

    def scores(self, tables: Mapping[str, Vectors], weights: Mapping[str, float]) -> Vectors:
        """Return the weighted sums for all recordings by each space's scores at all its places, shape (q, n)."""
        parts = [np.float32(weights[name]) * gather(tables[name], part) for name, part in self.parts.items()]
        return gather(sum(parts[1:], start=parts[0]), self.places)

    def scores_at(
        self, listeners: Mapping[str, Vectors], weights: Mapping[str, float], at: NDArray[np.intp]
    ) -> Vectors:
        """Return the weighted sums for some recordings by what each space takes of listeners, shape (q, len(at))."""
        places = self.places[at]
        used = np.zeros(len(next(iter(self.parts.values()))), bool)
        used[places] = True
        parts = [
            np.float32(weights[name]) * self.spaces[name].scores_at(listeners[name], part[used])
            for name, part in self.parts.items()
        ]
        numbers = np.cumsum(used) - 1
        return gather(sum(parts[1:], start=parts[0]), numbers[places])


def _pairs(first: NDArray[np.integer], second: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return a number for each pair."""
    codes = first.astype(np.intp) * (int(second.max(initial=0)) + 1) + second
    return np.unique(codes, return_inverse=True)[1]
