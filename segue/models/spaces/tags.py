"""The tag space: genres that the same artists have are near one another."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import eigh

from segue.models.catalog_rows import CatalogRows
from segue.models.spaces.cosine import SharedSpace
from segue.models.spaces.genre import genre_counts
from segue.models.vectors import Sparse, distinct_rows, unit_rows

DIRECTIONS = 128
NOTHING = 1e-8


class TagSpace(SharedSpace):
    """Latent semantic analysis of the artists' genres, half whitened.

    Each direction is divided by the root of its singular value: with no whitening a few big genres drown the others,
    with all of it noise does.
    """

    def fit(self, recordings: CatalogRows) -> TagSpace:
        """Place the recordings by the directions in which artists' genres differ most."""
        genres = genre_counts(recordings)
        credited = recordings.credits
        made = np.maximum(credited.sum(axis=0), 1e-6)
        by_artist = unit_rows(sp.csr_array(sp.diags_array(1 / made) @ (credited.T @ genres)))
        directions = _directions(by_artist) if by_artist.shape[1] else np.empty((0, 0))
        # Where no genre tells recordings apart, all are in the middle.
        first, places = distinct_rows(genres)
        middle = np.zeros((len(first), 1), np.float32)
        self.place_at(unit_rows(genres[first] @ directions) if directions.size else middle, places)
        return self


def _directions(vectors: Sparse) -> NDArray[np.float64]:
    """Return the strongest right singular vectors, each divided by the root of its singular value."""
    n = vectors.shape[1]
    products = (vectors.T @ vectors).toarray().astype(np.float64)
    squares, directions = eigh(products, subset_by_index=(max(0, n - DIRECTIONS), n - 1))
    kept = squares > NOTHING
    return np.asarray(directions[:, kept] / squares[kept] ** 0.25)
