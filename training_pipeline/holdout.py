"""Playlists that stand in for listeners: half of each is known, the other half is to be found."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MIN_TRACKS = 10
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Holdout:
    """One playlist, split.

    Attributes
    ----------
    playlist_id : str
        Which it is.
    seeds, hidden : ndarrays of int
        Rows of the model.
    """

    playlist_id: str
    seeds: Rows
    hidden: Rows


def split_playlists(playlists: Mapping[str, Rows], most: int | None = None, seed: int = 0) -> list[Holdout]:
    """Split playlists at random, each the same way whatever the others are.

    Parameters
    ----------
    playlists : mapping of str to ndarray of int
        The rows of the model on each, without repetition.
    most : int, optional
        Take a random sample of at most this many playlists.
    seed : int
        Of the random numbers.

    Returns
    -------
    list of Holdout
        One for each playlist of at least `MIN_TRACKS` recordings.
    """
    long = {name: rows for name, rows in playlists.items() if len(rows) >= MIN_TRACKS}
    # A sample in the order of their hashes: a larger one holds the smaller, and a new playlist displaces at most one.
    chosen = sorted(long, key=lambda name: (chance(name, seed), name))[:most]
    return [_split(name, long[name], seed) for name in sorted(chosen)]


def chance(name: str, seed: int) -> int:
    """Return a number of 64 bits for `name` that looks random and is the same on every machine."""
    return int.from_bytes(hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=8).digest(), "big")


def _split(name: str, rows: Rows, seed: int) -> Holdout:
    shuffled = np.random.default_rng(chance(name, seed)).permutation(np.sort(rows))
    return Holdout(name, shuffled[: len(rows) // 2], shuffled[len(rows) // 2 :])
