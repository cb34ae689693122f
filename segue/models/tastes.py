"""Listeners with several tastes: their seeds fall into groups, and what is recommended is a mixture of what fits each.

A single centroid lies between the tastes, where nothing is that they like.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from segue.models.recommender import Query
from segue.models.spaces.cosine import CosineSpace
from segue.models.vectors import Vectors

SEEDS_A_TASTE = 15
MOST_TASTES = 3
"""Measured on public playlists: tastes of fewer seeds find less, more of them find little more, and each costs time."""
WHOLE = 0.3
"""How much what fits all seeds together counts in the mixture: it keeps a listener of many small tastes from losing."""
LISTED = 100
"""How long the lists are in which each taste is to have its place."""


@dataclass(frozen=True)
class Taste:
    """A part of a query.

    Attributes
    ----------
    share : float
        Of the preference for all liked seeds, what goes to those of this taste; the shares of a query sum to 1.
    query : Query
        Those seeds, and all that are not liked, each with this share of its preference: the parts add up to the whole.
    places : ndarray of int
        Where the seeds are among those of the whole query.
    """

    share: float
    query: Query
    places: NDArray[np.intp]


def split(query: Query, spaces: Sequence[tuple[float, CosineSpace]]) -> list[Taste]:
    """Split a query into tastes, whatever the order of its seeds.

    Ward's method joins the groups of liked seeds that differ least, until one is left for every 15 seeds, or three.

    Parameters
    ----------
    query : Query
    spaces : sequence of (float, CosineSpace)
        What tells tastes apart, and how much each counts; without any there is one taste.
    """
    liked = np.flatnonzero(query.preferences > 0)
    n_tastes = min(len(liked) // SEEDS_A_TASTE, MOST_TASTES) if spaces else 1
    if n_tastes <= 1:
        return [Taste(1.0, query, np.arange(len(query.seeds)))]
    liked = liked[np.argsort(query.seeds[liked])]
    groups = _groups(query.seeds[liked], spaces, n_tastes)
    others = np.flatnonzero(query.preferences <= 0)
    total = query.preferences[liked].sum()
    return [_taste(query, liked[groups == group], others, total) for group in np.unique(groups)]


def to_score(query: Query, tastes: Sequence[Taste]) -> list[Query]:
    """Return the queries that `mix` needs the scores of: the whole, and each of several tastes."""
    return [query, *(taste.query for taste in tastes if len(tastes) > 1)]


def mix(scores: Vectors, tastes: Sequence[Taste]) -> Vectors:
    r"""Return the logarithms of a mixture of chances, shape (n,); the scores themselves of a single taste.

    .. math:: P(c) = w P(c \mid S) + (1 - w) \sum_j \pi_j P(c \mid S_j), \qquad \pi_j \propto \sqrt{s_j / P_j^*}

    Weighed by the shares :math:`s_j`, a narrow taste, which gives its first tracks high chances, would drown a wide
    one. Weighed by :math:`1 / P_j^*`, where :math:`P_j^*` is the chance of the track at place :math:`100 s_j` of a
    taste's own list, each would have its share of 100 tracks, however little its seeds say. This is the mean of both.

    Parameters
    ----------
    scores : ndarray of float32, shape (q, n)
        Of the q queries of `to_score`: log chances, or what differs from them by a constant for each query.
    tastes : sequence of Taste
    """
    if len(tastes) == 1:
        return np.asarray(scores[0])
    chances = scores - _log_sum_exp(scores.T)[:, None]
    # Seeds are not listed: they have no place.
    others = np.delete(chances, np.concatenate([taste.query.seeds for taste in tastes]), axis=1)
    levels = [_level(row, taste.share) for row, taste in zip(others[1:], tastes, strict=True)]
    weights = np.asarray((np.log([taste.share for taste in tastes]) - levels) / 2, np.float32)
    weights += np.log(1 - WHOLE) - _log_sum_exp(weights)
    return _log_sum_exp(chances + np.append(np.float32(np.log(WHOLE)), weights)[:, None])


def explain(terms: Sequence[Mapping[str, Vectors]], tastes: Sequence[Taste]) -> dict[str, Vectors]:
    """Return the terms of the taste that explains each row most: whose terms sum highest. Others' seeds add 0 to it.

    Parameters
    ----------
    terms : sequence of mapping of str to ndarray
        Of each taste, by space, each of shape (rows, seeds of the taste).
    tastes : sequence of Taste

    Returns
    -------
    dict of str to ndarray of float32, shape (rows, seeds of the whole query)
    """
    stacked = [np.stack(list(of_taste.values())) for of_taste in terms]
    best = np.stack([values.sum(axis=(0, 2)) for values in stacked]).argmax(axis=0)
    width = 1 + max(int(taste.places.max(initial=-1)) for taste in tastes)
    found = np.zeros((len(terms[0]), len(best), width), np.float32)
    for number, (values, taste) in enumerate(zip(stacked, tastes, strict=True)):
        rows = np.flatnonzero(best == number)
        found[:, rows[:, None], taste.places] = values[:, rows]
    return dict(zip(terms[0], found, strict=True))


def _groups(seeds: NDArray[np.intp], spaces: Sequence[tuple[float, CosineSpace]], n: int) -> NDArray[np.intp]:
    """Return the number of the group of each seed."""
    products = np.zeros((len(seeds), len(seeds)))
    for weight, space in spaces:
        products += weight * space.cosines_between(seeds, seeds)
    squares = np.diag(products)
    # Summed first, the products are the same both ways, to the last bit.
    distances = np.sqrt(np.maximum(squares + squares[:, None] - (products + products.T), 0))
    # Rounding leaves the diagonal a little above zero.
    np.fill_diagonal(distances, 0)
    return np.asarray(fcluster(linkage(squareform(distances), "ward"), n, "maxclust"), np.intp)


def _taste(query: Query, own: NDArray[np.intp], others: NDArray[np.intp], total: float) -> Taste:
    places = np.sort(np.concatenate([own, others]))
    preferences = query.preferences[places]
    share = float(query.preferences[own].sum() / total)
    return Taste(share, Query(query.seeds[places], np.where(preferences > 0, preferences, share * preferences)), places)


def _level(chances: Vectors, share: float) -> float:
    """Return the chance at the last place of a taste's share of a list; 0 where there is nothing to list."""
    place = min(int(np.ceil(LISTED * share)), len(chances))
    return float(np.partition(chances, -place)[-place]) if place else 0.0


def _log_sum_exp(values: Vectors) -> Vectors:
    """Return the logarithms of the sums of the exponentials over the first axis."""
    highest = values.max(axis=0)
    return np.asarray(highest + np.log(np.exp(values - highest).sum(axis=0)), np.float32)
