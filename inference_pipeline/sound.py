"""How a recording and its seeds both sound, in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segue.models.blend import Blend
from segue.models.catalog import Catalog
from segue.models.spaces.audio import FEATURES
from segue.models.vectors import Vectors

MOST_WORDS = 2
NOTABLE = 0.5
"""Standard deviations from the median: a third of the catalog lies farther on either side."""
NONE = -1

WORDS = {
    "danceability": ("hardly danceable", "danceable"),
    "energy": ("calm", "energetic"),
    "loudness": ("quiet", "loud"),
    "speechiness": (None, "heavy on words"),
    "acousticness": ("electric", "acoustic"),
    "instrumentalness": (None, "instrumental"),
    "liveness": (None, "live"),
    "valence": ("somber", "cheerful"),
    "tempo": ("slow", "fast"),
    "duration_ms": ("short", "long"),
}
"""What is below and above the median; the key, the mode and the meter are nothing to notice."""
LEAST = {"speechiness": 0.33, "acousticness": 0.5, "instrumentalness": 0.5, "liveness": 0.8}
"""Where the words for much of these begin to be true, by Spotify's description: half a catalog has next to none."""
NAMES = tuple(word for pair in WORDS.values() for word in pair)


def audible(model: Blend, catalog: Catalog) -> Vectors:
    """Return the normal scores of each recording, shape (n, 13), as far as there are true words for them.

    A recording that is below `LEAST`, or of which that is not known, counts as the median, however few have more.
    """
    known = catalog.recordings.reindex(columns=[*LEAST]).reindex(model.track_ids)
    # By rows, as they are read: models keep them by columns.
    return worth_a_word(np.array(model.normal_scores, order="C"), known)


def worth_a_word(scores: Vectors, recordings: pd.DataFrame) -> Vectors:
    """Return the normal scores (m, 13) of some `recordings`, in place, as far as there are true words for them."""
    for name, least in LEAST.items():
        column = FEATURES.index(name)
        true = (recordings[name] > least).to_numpy(bool, na_value=False)
        scores[~true, column] = np.minimum(scores[~true, column], 0)
    return scores


def shared_sound(own: Vectors, seeds: Vectors, counts: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the two features that recording and seeds agree on most: all on the same side, far from the median.

    Parameters
    ----------
    own : ndarray, shape (n, 13)
        Normal scores of the recordings, as `audible` returns them.
    seeds : ndarray, shape (n, s, 13)
        Of the seeds of each.
    counts : ndarray of bool, shape (n, s)
        Which of them count.

    Returns
    -------
    ndarray of int, shape (n, 2)
        Positions in `NAMES`, the strongest agreement first; -1 where there is none.
    """
    columns = [FEATURES.index(name) for name in WORDS]
    # Whoever does not count agrees.
    others = np.where(counts.T[:, :, None], seeds.swapaxes(0, 1), own)
    everyone = np.take(np.concatenate([own[None], others]), columns, axis=2)
    agreement = np.stack([-everyone.max(axis=0), everyone.min(axis=0)], axis=2).reshape(len(own), len(NAMES))
    agreement[:, [word is None for word in NAMES]] = -np.inf
    agreement[~counts.any(axis=1)] = -np.inf
    order = np.argsort(-agreement, axis=1, kind="stable")[:, :MOST_WORDS]
    return np.where(np.take_along_axis(agreement, order, axis=1) > NOTABLE, order, NONE)


def in_words(codes: NDArray[np.intp]) -> list[str]:
    """Return "quiet and acoustic" for each row of `shared_sound`; nothing where nothing is shared."""
    return [" and ".join(str(NAMES[code]) for code in row if code != NONE) for row in codes.tolist()]
