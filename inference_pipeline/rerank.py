"""From candidates that may be recommended to a varied list that fits the listener's genres."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inference_pipeline.genre_fit import GenreFit

POOL = 4
"""So many times the length of a list are looked at."""
DIVERSITY = 0.8
CALIBRATION = 0.5
"""How much likeness to what is chosen already, and a better fit of genres, count beside the rank.

Chosen on 251 held-out playlists and confirmed on 247 others, half of each the seeds, lists of 50: beside what the limit
of tracks per artist leaves, 0.5 to 2.6 % of recall is lost. The mean cosine of pairs falls from .45 to .37, and the
divergence of genres from .95 to .56. Weights of 1.2 and 1 would lose 7 %.
"""


def choose_varied(
    vectors: NDArray[np.float64], genres: GenreFit, groups: NDArray[np.intp], most: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Choose candidates one by one, each time the one of the highest value, and return them in that order.

    The value is ``rank + 0.5 * gain - 0.8 * likeness``. The rank goes from 1 for the best candidate to 0 for the last
    one; the likeness is the mean cosine to what is chosen already; the gain is by how much the candidate brings the
    genres of the list closer to the wanted ones (`calibration`), times the number of those chosen that have genres, so
    that late choices weigh as much as early ones. A candidate without genres gains nothing and loses nothing. Of
    equally good ones the first candidate is chosen.

    Parameters
    ----------
    vectors : ndarray, shape (n, d)
        Of the candidates, the best first; their products are cosines.
    genres : GenreFit
        Of an empty list: what is chosen is put on it.
    groups : ndarray of int, shape (n,)
        The group of each.
    most : ndarray of int, shape (n_groups,)
        How many of each group; where there are fewer, all of them.
    """
    n = len(vectors)
    # All that could be asked for at once costs less than one row for each choice.
    alike = DIVERSITY * (vectors @ vectors.T)
    value = 1 - np.arange(n) / max(n, 1)
    value[most[groups] == 0] = -np.inf
    left, likeness = most.tolist(), np.zeros(n)
    chosen: list[int] = []
    for _ in range(int(np.minimum(most, np.bincount(groups, minlength=len(most))).sum())):
        worth = value - likeness / max(len(chosen), 1) + CALIBRATION * genres.gains()
        best = int(worth.argmax())
        chosen.append(best)
        value[best] = -np.inf
        group = groups[best]
        left[group] -= 1
        if not left[group]:
            value[groups == group] = -np.inf
        likeness += alike[best]
        genres.add(best)
    return np.array(chosen, dtype=np.intp)
