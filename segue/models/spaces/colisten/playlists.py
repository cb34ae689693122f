"""Playlists as a sparse matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from segue.models.vectors import Sparse, incidence


@dataclass(frozen=True)
class Playlists:
    """Which recordings are on which playlist.

    Attributes
    ----------
    matrix : sparse array of float32, shape (playlists, n)
        Ones.
    """

    matrix: Sparse

    @classmethod
    def of(cls, playlists: Sequence[NDArray[np.intp]], n: int) -> Playlists:
        """Take each playlist as the rows of its recordings, out of `n`."""
        rows = np.repeat(np.arange(len(playlists)), [len(playlist) for playlist in playlists])
        columns = np.concatenate([np.empty(0, np.intp), *playlists])
        matrix = incidence(columns, rows, n).T.tocsr()
        matrix.data[:] = 1
        return cls(matrix)

    @cached_property
    def counts(self) -> NDArray[np.intp]:
        """On how many playlists each recording is, shape (n,)."""
        return np.bincount(self.matrix.indices, minlength=self.matrix.shape[1])

    @cached_property
    def known(self) -> NDArray[np.intp]:
        """The rows of the recordings that are on any, ascending."""
        return np.flatnonzero(self.counts)

    def counts_of_others(self, credited: Sparse) -> NDArray[np.float32]:
        """Return how often the artists of each recording are on playlists with their other recordings, shape (n,).

        Parameters
        ----------
        credited : sparse array, shape (n, artists)
            Who made each recording.
        """
        made = (credited > 0).astype(np.float32)
        of_artists = made @ (made.T @ self.counts.astype(np.float32))
        return np.asarray(of_artists - self.counts * np.diff(made.indptr), np.float32)
