"""Several spaces that have places, as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from segue.models.spaces.space import PlacedSpace
from segue.models.vectors import Sparse, Vectors, any_products, gather


@dataclass(frozen=True)
class Joint:
    """Spaces that have places, as one space: its places are the combinations that occur.

    Attributes
    ----------
    parts : mapping of str to ndarray of int, shape (m,)
        The place of each combination in each space.
    vectors : mapping of str to ndarray or sparse array, shape (m, d)
        Its vector in each space.
    places : ndarray of int, shape (n,)
        The combination of each recording.
    """

    parts: Mapping[str, NDArray[np.integer]]
    vectors: Mapping[str, Vectors | Sparse]
    places: NDArray[np.intp]

    @classmethod
    def of(cls, spaces: Mapping[str, PlacedSpace], rows: NDArray[np.intp]) -> Joint:
        """Join spaces for the recordings at `rows`."""
        each = {name: space.places_[rows] for name, space in spaces.items()}
        # Two at a time, so that numbers stay small however many spaces there are.
        _, first, places = np.unique(reduce(_pairs, each.values()), return_index=True, return_inverse=True)
        # In the order of the recordings, so that what is looked at together is together in memory.
        order = np.argsort(first)
        parts = {name: own[first[order]] for name, own in each.items()}
        return cls(
            parts,
            {name: spaces[name].at_places(part) for name, part in parts.items()},
            np.argsort(order)[places],
        )

    def scores(self, tables: Mapping[str, Vectors], weights: Mapping[str, float]) -> Vectors:
        """Return the weighted sums for all recordings by each space's scores at all its places, shape (q, n)."""
        parts = [np.float32(weights[name]) * gather(tables[name], part) for name, part in self.parts.items()]
        return gather(sum(parts[1:], start=parts[0]), self.places)

    def scores_at(
        self, listeners: Mapping[str, Vectors], weights: Mapping[str, float], at: NDArray[np.intp]
    ) -> Vectors:
        """Return the weighted sums for some recordings by what each space makes of listeners, shape (q, len(at))."""
        places = self.places[at]
        is_used = np.zeros(len(next(iter(self.parts.values()))), bool)
        is_used[places] = True
        used = np.flatnonzero(is_used)
        parts = [
            np.float32(weights[name]) * any_products(listeners[name], of[used]) for name, of in self.vectors.items()
        ]
        return gather(sum(parts[1:], start=parts[0]), (np.cumsum(is_used) - 1)[places])


def _pairs(first: NDArray[np.integer], second: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return a number for each pair."""
    codes = first.astype(np.intp) * (int(second.max(initial=0)) + 1) + second
    return np.unique(codes, return_inverse=True)[1]
