"""Recordings of a world that lie together: a listener's likeliest are looked for where the mean of a cell scores high.

This is the inverted file of similarity search (Sivic and Zisserman, 2003). What the spaces say of a recording is, but
for those that score few, linear in what they know of it: so the mean score of a cell is the score of its mean, and
there are a hundred times fewer cells than recordings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from segue.models.spaces.cosine import SharedSpace
from segue.models.spaces.density_ratio import DensityRatioSpace
from segue.models.spaces.space import LinearSpace, Space, SparseSpace
from segue.models.vectors import Sparse, Vectors, any_products

LOOKED_AT = 12_000
"""So many recordings of each world are looked at for a listener, shared among their tastes, at least."""
LONGEST = LOOKED_AT // 2
"""Of a longer list too many places would go to what lies elsewhere: for it everything is scored."""
FEWEST = 18_000
"""In a world of fewer recordings looking at all of them costs little more."""
CELLS_A_ROOT = 4
"""Cells for each root of the number of recordings: between what cells cost and what the recordings in them do."""
SAMPLED = 1024
"""All that is not looked at is estimated from so many recordings, evenly spread over the cells."""
HEAVIEST = 1000
"""So many are looked at for each taste whether they may be recommended or not."""
ROUNDS, POINTS = 8, 32
"""Of k-means: how many rounds, and to how many recordings a cell it is fitted."""
BINS = np.float32(2)
"""How much differences of bins count beside those of vectors. Chosen on public playlists: of those that the model knows
nothing of, the list of a hundred loses .0004 of recall against looking at everything, and .007 where bins do not count.
"""

Labels = NDArray[np.int32]


@dataclass(frozen=True)
class Cells:
    """The cells of a world whose recordings are in the order of their cells.

    Attributes
    ----------
    starts, sizes : ndarray of int, shape (m,)
        Where each begins, and how many recordings it has.
    means : mapping of str to ndarray or sparse array, shape (m, d)
        By the name of the space: the mean vector, or how the recordings are distributed over its places.
    step : int
        Each `step`-th recording is in the sample.
    """

    starts: NDArray[np.intp]
    sizes: NDArray[np.intp]
    means: Mapping[str, Vectors | Sparse]
    step: int

    @classmethod
    def of(cls, spaces: Mapping[str, Space], rows: NDArray[np.intp], labels: Labels) -> Cells:
        """Describe the cells of the recordings at `rows` in some spaces by their ascending `labels`."""
        _, starts, sizes = np.unique(labels, return_index=True, return_counts=True)
        ends = np.append(starts, len(rows))
        shares = np.repeat(1 / sizes, sizes).astype(np.float32)
        averaging = sp.csr_array((shares, np.arange(len(rows)), ends), shape=(len(starts), len(rows)))
        means = {
            name: space.means(rows, averaging) for name, space in spaces.items() if not isinstance(space, SparseSpace)
        }
        return cls(starts, sizes, means, max(1, len(rows) // SAMPLED))

    def scores(self, heard: Mapping[str, Vectors], weights: Mapping[str, float]) -> Vectors:
        """Return the mean score of each cell, but for what the spaces say that score few recordings, shape (q, m)."""
        listeners = next(iter(heard.values())).shape[0]
        total = np.zeros((listeners, len(self.sizes)), np.float32)
        for name, mean in self.means.items():
            total += np.float32(weights[name]) * any_products(heard[name], mean)
        return total

    def open_to(self, candidates: NDArray[np.bool_] | None) -> NDArray[np.intp]:
        """Return how many recordings of each cell may be recommended: those that `candidates`, shape (n,), says."""
        return self.sizes if candidates is None else np.add.reduceat(candidates, self.starts, dtype=np.intp)

    def likeliest(self, scores: Vectors, open_to: NDArray[np.intp], least: int) -> NDArray[np.bool_]:
        """Return which recordings are in the cells that score highest, shape (n,).

        Parameters
        ----------
        scores : ndarray of float32, shape (q, m)
            Of each taste.
        open_to : ndarray of int, shape (m,)
            How many recordings of each cell may be recommended.
        least : int
            At least so many that may be recommended are found for each taste, where there are.

        Notes
        -----
        The `HEAVIEST` that are likeliest are among them even if they may not be recommended: most of all chances are
        theirs, and a sample would not estimate them well.
        """
        order = np.argsort(-scores, axis=1)
        open_before, before = (counts[order].cumsum(axis=1) - counts[order] for counts in (open_to, self.sizes))
        chosen = np.zeros(len(self.sizes), bool)
        chosen[order[(open_before < least) & (open_to[order] > 0) | (before < HEAVIEST)]] = True
        return np.repeat(chosen, self.sizes)


def fit_cells(spaces: Mapping[str, Space], worlds: Sequence[tuple[NDArray[np.intp], Mapping[str, float]]]) -> Labels:
    """Return the cell of each recording: in each world k-means of what its weights make of the recordings.

    Parameters
    ----------
    spaces : mapping of str to Space
    worlds : sequence of (ndarray of int, mapping of str to float)
        The rows of each, together all rows, and its weights.
    """
    labels = np.zeros(sum(len(rows) for rows, _ in worlds), np.int32)
    for rows, weights in worlds:
        if len(rows) < FEWEST:
            continue
        features = [
            np.float32(weights[name]) * _features(space, rows) for name, space in spaces.items() if weights.get(name)
        ]
        vectors = np.concatenate([np.empty((len(rows), 0), np.float32), *features], axis=1)
        if vectors.shape[1]:
            labels[rows] = _k_means(vectors, int(CELLS_A_ROOT * len(rows) ** 0.5))
    return labels


def _features(space: Space, rows: NDArray[np.intp]) -> Vectors:
    """Return vectors that are near one another where listeners score recordings alike, shape (len(rows), d)."""
    if isinstance(space, DensityRatioSpace):
        return np.asarray(BINS * space.differences()[space.places_[rows]])
    if isinstance(space, LinearSpace) or (isinstance(space, SharedSpace) and isinstance(space.distinct_, np.ndarray)):
        return np.asarray(space.at(rows), np.float32)
    return np.empty((len(rows), 0), np.float32)


def _k_means(vectors: Vectors, k: int) -> Labels:
    import faiss

    means = faiss.Kmeans(vectors.shape[1], k, niter=ROUNDS, max_points_per_centroid=POINTS, seed=0)
    # More threads round in another order: the cells would depend on how many there are.
    with threadpool_limits(1):
        means.train(vectors)
        return np.asarray(means.index.search(vectors, 1)[1][:, 0], np.int32)
