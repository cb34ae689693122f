"""How well the genres of a list fit those that a listener likes."""

from __future__ import annotations

from math import log1p

import numpy as np
from numpy.typing import NDArray

from inference_pipeline.filters import Candidates

SMOOTHING = 0.01
"""The share of the wanted distribution that is mixed into a list's, so that a missing genre costs no infinity."""


def wanted_genres(liked: Candidates, weights: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the share of each genre in what a listener likes, shape (n_genres,); all 0 where nothing is known.

    Recordings without labels say nothing.

    Parameters
    ----------
    liked : Candidates
        The recordings that they like.
    weights : ndarray of float
        How much they like each, above 0.
    """
    places, codes, shares = liked.genres
    total = np.bincount(codes, weights[places] * shares, minlength=len(liked.described.labels.numbers))
    return np.asarray(total / max(total.sum(), np.finfo(float).tiny))


def calibration(listed: NDArray[np.float64], wanted: NDArray[np.float64]) -> float:
    """Return how far the genres of a list are from the wanted ones: the Kullback-Leibler divergence, 0 for the same.

    Steck (2018), "Calibrated recommendations": Σ p log(p / q̃) with q̃ = (1 - α) q + α p and α = 0.01.

    Parameters
    ----------
    listed : ndarray, shape (n_genres,)
        Shares in the list, q.
    wanted : ndarray, shape (n_genres,)
        Shares in what the listener likes, p.
    """
    there = wanted > 0
    p = wanted[there]
    return float(p @ np.log(p / ((1 - SMOOTHING) * listed[there] + SMOOTHING * p)))


class GenreFit:
    r"""The genres of a list in the making, and what each candidate would do for them.

    Of a list of m tracks with wanted genres, in which genre g has the sum of shares :math:`L_g`, the divergence from
    the wanted shares is, with :math:`f_g = p_g α / (1 - α)`,

    .. math:: \sum_g p_g \log p_g - \sum_g p_g \log \frac{(1 - α)(L_g + m f_g)}{m}

    A candidate with the shares :math:`s_g` makes it smaller by

    .. math:: \sum_g p_g \log\left(1 + \frac{s_g}{L_g + (m + 1) f_g}\right)
              - \sum_g p_g \log\left(1 - \frac{f_g}{L_g + (m + 1) f_g}\right) - \sum_g p_g \log \frac{m + 1}{m}

    of which only the first sum is its own, over the few genres that it has.

    Parameters
    ----------
    labels : tuple of ndarray
        The genres of the candidates, each with its candidate, in their order, its number and its share.
    wanted : ndarray, shape (n_genres,)
        Shares in what the listener likes, p.
    n : int
        How many candidates there are.
    """

    def __init__(
        self,
        labels: tuple[NDArray[np.intp], NDArray[np.integer], NDArray[np.floating]],
        wanted: NDArray[np.float64],
        n: int,
    ) -> None:
        # Only those that are wanted at all count.
        there = np.flatnonzero(wanted)
        numbers = np.zeros(len(wanted), np.intp)
        numbers[there] = np.arange(len(there))
        kept = np.flatnonzero(wanted[labels[1]])
        places, codes, shares = labels[0][kept], numbers[labels[1][kept]], labels[2][kept]
        self._n, self._wanted, self._total = n, wanted[there], float(wanted.sum())
        self._floors = SMOOTHING / (1 - SMOOTHING) * self._wanted
        # The second sum, which is the same for all, is worked out as if one more candidate had those labels.
        self._places = np.concatenate([places, np.full(len(there), n)])
        self._codes = np.concatenate([codes, np.arange(len(there))])
        self._shares = np.concatenate([shares, -self._floors])
        self._weights = np.concatenate([self._wanted[codes], -self._wanted])
        counts = np.bincount(places, minlength=n)
        self._labeled = (counts > 0).astype(np.float64)
        self._starts = [0, *np.cumsum(counts).tolist()]
        self._after, self._tracks = self._floors.copy(), 0

    @classmethod
    def of(cls, candidates: Candidates, wanted: NDArray[np.float64]) -> GenreFit:
        """Begin a list of `candidates`."""
        return cls(candidates.genres, wanted, len(candidates))

    def add(self, candidate: int) -> None:
        """Put a candidate on the list; without wanted genres it changes nothing."""
        start, end = self._starts[candidate : candidate + 2]
        if start < end:
            self._after[self._codes[start:end]] += self._shares[start:end]
            self._after += self._floors
            self._tracks += 1

    def gains(self) -> NDArray[np.float64]:
        """Return by how much each candidate brings the list closer to what is wanted, times its length so far.

        Shape (n,); 0 for those without wanted genres.
        """
        if not self._tracks:
            return np.zeros(self._n)
        terms = 1 + self._shares / self._after[self._codes]
        sums = np.bincount(self._places, np.log(terms, out=terms) * self._weights, self._n + 1)
        same = sums[self._n] - self._total * log1p(1 / self._tracks)
        return np.asarray(self._tracks * (sums[: self._n] + same * self._labeled))

    def divergence(self) -> float:
        """Return the `calibration` of the list."""
        listed = self._after - (self._tracks + 1) * self._floors
        return calibration(listed / max(self._tracks, 1), self._wanted)
