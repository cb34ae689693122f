"""The artist space: who made a recording."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from segue.models.catalog_rows import CatalogRows
from segue.models.spaces.cosine import CosineSpace
from segue.models.spaces.space import SparseSpace
from segue.models.vectors import Sparse, Vectors

TINY = 1e-9


class ArtistSpace(CosineSpace, SparseSpace):
    """Score by the root of the share of seeds that the same artists made: the tenth song adds less than the first.

    Attributes
    ----------
    by_artist_ : sparse array of float32, shape (artists, n)
        The vectors turned round: to turn them anew for each listener would take longer than all else.
    """

    def fit(self, recordings: CatalogRows) -> ArtistSpace:
        """Place the recordings by their credits."""
        self.place(recordings.credits)
        self.by_artist_ = sp.csr_array(self.vectors_.T)
        return self

    def sparse_scores(self, weights: Sparse) -> Sparse:
        """Return the roots, shape (q, n): of what the seeds' artists made; the sign stays."""
        shares = (weights @ self.vectors_) @ self.by_artist_
        shares.data = np.sqrt(np.abs(shares.data)) * np.sign(shares.data)
        return shares

    def terms(self, seeds: NDArray[np.intp], weights: Vectors, rows: NDArray[np.intp]) -> Vectors:
        """Share the root among the seeds as they share what it is taken of."""
        shares = super().terms(seeds, weights, rows)
        total = np.abs(np.einsum("qrs->qr", shares))[:, :, None]
        shares /= np.sqrt(np.maximum(total, TINY, dtype=np.float32))
        return shares
