"""Playlists that stand in for listeners: half of each is known, the other half is to be found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MIN_TRACKS = 10


@dataclass(frozen=True)
class Holdout:
    """One playlist, split.

    Attributes
    ----------
    seeds, hidden : ndarrays of int
        Rows of the model.
    """

    seeds: NDArray[np.intp]
    hidden: NDArray[np.intp]


def split_playlists(rows: pd.Series, most: int, seed: int = 0) -> list[Holdout]:
    """Split playlists at random, the same way each time.

    Parameters
    ----------
    rows : Series of int
        Rows of the model, indexed by playlist_id; -1 for tracks that it does not know.
    most : int
        Take a random sample of at most this many playlists.
    seed : int
        Of the random numbers.

    Returns
    -------
    list of Holdout
        One for each playlist that holds at least `MIN_TRACKS` known recordings.
    """
    known = rows[rows >= 0].rename("row").reset_index().drop_duplicates()
    long = [group.to_numpy() for _, group in known.groupby("playlist_id")["row"] if len(group) >= MIN_TRACKS]
    generator = np.random.default_rng(seed)
    chosen = [long[position] for position in generator.permutation(len(long))[:most]]
    shuffled = [generator.permutation(playlist) for playlist in chosen]
    return [Holdout(playlist[: len(playlist) // 2], playlist[len(playlist) // 2 :]) for playlist in shuffled]
