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
from scipy.special import logsumexp

from segue.models.ranking import top
from segue.models.recommender import Query
from segue.models.spaces.cosine import CosineSpace
from segue.models.vectors import Vectors, dense

SEEDS_A_TASTE = 15
MOST_TASTES = 3
"""Measured on public playlists: tastes of fewer seeds find less, more of them find little more, and each costs time."""
WHOLE = 0.3
"""How much what fits all seeds together counts in the mixture: it keeps a listener of many small tastes from losing."""
MOST_GROUPED = 500
"""Of more liked seeds the most liked are grouped, and each seed goes to the nearest group: Ward's method is cubic."""
LOST = np.float32(1e-30)
"""Chances near what single precision can hold."""
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
    best = np.sort(np.argsort(-query.preferences[liked], kind="stable")[:MOST_GROUPED])
    groups = _groups(query.seeds[liked[best]], spaces, n_tastes)
    if len(liked) > len(best):
        groups = _nearest(query.seeds[liked], query.seeds[liked[best]], groups, spaces)
    others = np.flatnonzero(query.preferences <= 0)
    total = query.preferences[liked].sum()
    return [_taste(query, liked[groups == group], others, total) for group in np.unique(groups)]


def to_score(query: Query, tastes: Sequence[Taste]) -> list[Query]:
    """Return the queries that `mix` needs the scores of: the whole, and each of several tastes."""
    return [query, *(taste.query for taste in tastes if len(tastes) > 1)]


def mix(scores: Sequence[Vectors], tastes: Sequence[Taste], is_seed: NDArray[np.bool_]) -> Vectors:
    r"""Return the logarithms of a mixture of chances, shape (n,); those of a single taste as they are.

    .. math:: P(c) = w P(c \mid S) + (1 - w) \sum_j \pi_j P(c \mid S_j), \qquad \pi_j \propto \sqrt{s_j / P_j^*}

    Weighed by the shares :math:`s_j`, a narrow taste, which gives its first tracks high chances, would drown a wide
    one. Weighed by :math:`1 / P_j^*`, where :math:`P_j^*` is the chance of the track at place :math:`100 s_j` of a
    taste's own list, each would have its share of 100 tracks, however little its seeds say. This is the mean of both.

    Parameters
    ----------
    scores : sequence of ndarray of float32, shape (n,)
        The log chances of some recordings, for each of the queries of `to_score`.
    tastes : sequence of Taste
    is_seed : ndarray of bool, shape (n,)
        Which of these are the listener's own.
    """
    if len(tastes) == 1:
        return scores[0]
    chances = np.stack(scores)
    np.exp(chances, out=chances)
    levels = _levels(chances[1:], tastes, np.flatnonzero(is_seed))
    shares = np.sqrt([taste.share for taste in tastes] / levels)
    weights = np.append(WHOLE, (1 - WHOLE) * shares / shares.sum()).astype(np.float32)
    mixed = weights @ chances
    lost = np.flatnonzero(mixed < LOST)
    mixed[lost] = 1
    logs = np.log(mixed, out=mixed)
    logs[lost] = logsumexp([row[lost] for row in scores], axis=0, b=weights[:, None])
    return np.asarray(logs)


def explain(terms: Mapping[str, Vectors], weights: Mapping[str, Vectors]) -> NDArray[np.intp]:
    """Return which taste explains each row most, shape (rows,): the one whose terms sum highest.

    Parameters
    ----------
    terms : mapping of str to ndarray, shape (1 + tastes, rows, seeds)
        By space: of the whole query, and of each of several tastes.
    weights : mapping of str to ndarray, shape (rows, 1)
        How much each space counts.

    Returns
    -------
    ndarray of int
        Places in `terms`: 0 where there is but one taste.
    """
    several = len(next(iter(terms.values()))) > 1
    # Along the last axis `sum` takes three times as long.
    sums = [np.einsum("trs->tr", found[several:]) * weights[name][:, 0] for name, found in terms.items()]
    return np.asarray(several + np.sum(sums, axis=0).argmax(axis=0))


def _groups(seeds: NDArray[np.intp], spaces: Sequence[tuple[float, CosineSpace]], n: int) -> NDArray[np.intp]:
    """Return the number of the group of each seed."""
    products = np.zeros((len(seeds), len(seeds)))
    for weight, space in spaces:
        products += weight * space.cosines_between(seeds, seeds)
    squares = np.diag(products)
    # Summed first, the products are the same both ways, to the last bit.
    distances = np.sqrt(np.maximum(squares + squares[:, None] - (products + products.T), 0))
    # Not checked: rounding leaves the diagonal, which is not looked at, a little above zero.
    return np.asarray(fcluster(linkage(squareform(distances, checks=False), "ward"), n, "maxclust"), np.intp)


def _nearest(
    seeds: NDArray[np.intp],
    grouped: NDArray[np.intp],
    groups: NDArray[np.intp],
    spaces: Sequence[tuple[float, CosineSpace]],
) -> NDArray[np.intp]:
    """Return the number of the group whose centroid is nearest to each seed."""
    numbers, sizes = np.unique(groups, return_counts=True)
    means = ((groups == numbers[:, None]) / sizes[:, None]).astype(np.float32)
    distances = np.zeros((len(seeds), len(numbers)))
    for weight, space in spaces:
        centroids = dense(means @ space.at(grouped))
        distances += weight * ((centroids**2).sum(axis=1) - 2 * (space.at(seeds) @ centroids.T))
    return np.asarray(numbers[distances.argmin(axis=1)])


def _taste(query: Query, own: NDArray[np.intp], others: NDArray[np.intp], total: float) -> Taste:
    places = np.sort(np.concatenate([own, others]))
    preferences = query.preferences[places]
    share = float(query.preferences[own].sum() / total)
    return Taste(share, Query(query.seeds[places], np.where(preferences > 0, preferences, share * preferences)), places)


def _levels(chances: Vectors, tastes: Sequence[Taste], seeds: NDArray[np.intp]) -> Vectors:
    """Return the chance at the last place of each taste's share of a list; 1 where there is nothing to list."""
    own = chances[:, seeds]
    # Seeds are not listed: they have no place.
    chances[:, seeds] = -np.inf
    listed = [
        row[top(row, max(1, int(np.ceil(LISTED * taste.share))))] for row, taste in zip(chances, tastes, strict=True)
    ]
    chances[:, seeds] = own
    return np.array([max(row[-1], LOST) if len(row) else 1.0 for row in listed], np.float32)
