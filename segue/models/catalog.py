"""The catalog as the models see it: one row for each recording, and the recording of each track."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segue.errors import InputError
from segue.groups import DTYPES, TRACKS
from segue.store import FeatureStore

LABELS = ("title", "artists", "genres", "artist_genres", "popularity", "year")


@dataclass(frozen=True)
class Catalog:
    """Tracks, by id.

    Attributes
    ----------
    tracks : DataFrame
        Indexed by track_id; its column recording_id is the track that stands for the same performance.
    """

    tracks: pd.DataFrame

    @cached_property
    def recordings(self) -> pd.DataFrame:
        """The tracks that stand for a recording, ordered by id."""
        return self.tracks[self.tracks["recording_id"] == self.tracks.index].sort_index()

    def recommendable(self, recording_ids: pd.Index[str]) -> NDArray[np.bool_]:
        """Return whether each recording is (still) in the catalog."""
        return np.asarray(self.recordings.index.get_indexer(recording_ids) >= 0)

    def facts(self, recording_ids: Sequence[str] | pd.Index, columns: Sequence[str]) -> pd.DataFrame:
        """Return some columns of recordings, in the order in which they are named; missing where one is unknown."""
        # By an index of the same type: any other takes a hundred times as long.
        asked = pd.Index(recording_ids, dtype=DTYPES["text"])
        return self.recordings[list(columns)].reindex(asked)

    def recordings_of(self, track_ids: Sequence[str] | pd.Series) -> pd.Series:
        """Return the recording of each track, in the same order; missing where the track is unknown."""
        asked = pd.Index(track_ids, dtype=DTYPES["text"])
        # What `reindex` comes to, at half its price.
        known = self.tracks["recording_id"].array.take(self.tracks.index.get_indexer(asked), allow_fill=True)
        return pd.Series(known, index=asked, name="recording_id")


def read_catalog(store: FeatureStore, columns: Iterable[str] = LABELS) -> Catalog:
    """Read the catalog with the given `columns`.

    Raises
    ------
    InputError
        If there is none yet.
    """
    tracks = store.read(TRACKS, ["track_id", "recording_id", *columns])
    if tracks.empty:
        raise InputError("there is no catalog yet: run `segue features` first")
    return Catalog(tracks.set_index("track_id"))


def catalog_hash(catalog: Catalog) -> str:
    """Return a hash of what a model learns from: the recordings and the columns that were read of them."""
    return hashlib.sha256(pd.util.hash_pandas_object(catalog.recordings).to_numpy().tobytes()).hexdigest()
