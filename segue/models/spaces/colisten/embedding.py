"""Where a recording would be among playlists, even if it is on none."""

from __future__ import annotations

import numpy as np

from segue.models.spaces.colisten.als import AlsSpace
from segue.models.spaces.colisten.playlists import Playlists
from segue.models.spaces.cosine import DenseSpace
from segue.models.vectors import Sparse, Vectors, unit_rows


class EmbeddingSpace(DenseSpace):
    """Factors of playlists, shrunk to the artist's, which are shrunk to what the content predicts.

    Parameters
    ----------
    regularization : float
        Of the ridge regression from content to factors.
    artist_weight, content_weight : float
        On how many playlists an artist, or a recording, must be to count as much as what stands for it.
    """

    def __init__(self, regularization: float = 30.0, artist_weight: float = 2.0, content_weight: float = 3.0) -> None:
        self.regularization = regularization
        self.artist_weight = artist_weight
        self.content_weight = content_weight

    def fit(self, als: AlsSpace, playlists: Playlists, content: Vectors, credited: Sparse) -> EmbeddingSpace:
        """Place all recordings.

        Parameters
        ----------
        als : AlsSpace
            Fitted to `playlists`.
        playlists : Playlists
        content : ndarray, shape (n, d)
            What the factors are predicted from.
        credited : sparse array, shape (n, artists)
        """
        known, counts = playlists.known, playlists.counts.astype(np.float32)[:, None]
        own = np.zeros((len(content), als.n_factors), np.float32)
        own[known] = unit_rows(als.factors_)
        predicted = content @ ridge(content[known], own[known], self.regularization, np.sqrt(counts[known]))
        surplus = credited.T @ (counts * (own - predicted))
        artists = surplus / (credited.T @ counts + self.artist_weight)
        expected = predicted + credited @ artists
        self.place(unit_rows((counts * own + self.content_weight * expected) / (counts + self.content_weight)))
        return self


def ridge(inputs: Vectors, outputs: Vectors, regularization: float, weights: Vectors) -> Vectors:
    """Return the coefficients of a ridge regression without intercept; each row counts its weight squared."""
    weighted = inputs * weights
    gram = (weighted.T @ weighted).astype(np.float64) + regularization * np.eye(inputs.shape[1])
    return np.linalg.solve(gram, weighted.T @ (outputs * weights)).astype(np.float32)
