"""The recordings that a model learns from, with who made them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from segue.models.vectors import Sparse, incidence, unit_rows
from segue.recordings import normalize_artists

GUEST = 0.5
COLUMNS = ("title", "artists", "genres", "artist_genres", "year", "popularity")
"""What the catalog must be read with, beside the audio features."""


@dataclass(frozen=True)
class CatalogRows:
    """Recordings and their artists.

    Attributes
    ----------
    frame : DataFrame
        Indexed by track_id, one row for each recording, with `COLUMNS` and the audio features.
    """

    frame: pd.DataFrame

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def _names(self) -> pa.Array:
        """The normalized names of each recording's artists, as a list array; empty where none is known."""
        split = split_names(self.frame["artists"])
        lists = pc.fill_null(split, pa.scalar([], split.type))
        # Joining and splitting are undone by the offsets: all names are normalized in one pass.
        return pa.ListArray.from_arrays(_offsets(lists), normalize_artists(pc.list_flatten(lists)))

    @cached_property
    def credits(self) -> Sparse:
        """Who made each recording, shape (n, artists): the first artist counts 1, each other 1/2; unit rows."""
        rows, codes, _ = flatten(self._names)
        first = np.diff(rows, prepend=-1) > 0
        return unit_rows(incidence(rows, codes, len(self), np.where(first, 1.0, GUEST)))

    @cached_property
    def first_artists(self) -> NDArray[np.intp]:
        """A number for each recording's first artist; one of its own where none is known."""
        first = pc.list_element(pc.list_slice(self._names, 0, 1, return_fixed_size_list=True), 0)
        codes = pc.dictionary_encode(first).indices
        own = pa.array(len(self) + np.arange(len(self)), pa.int64())
        unique = np.unique(pc.coalesce(codes.cast(pa.int64()), own).to_numpy(), return_inverse=True)[1]
        return np.asarray(unique, np.intp)

    def filled_by_artist(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return `values` with what is missing (NaN) replaced by the mean of the first artist's others, if any."""
        known = pd.Series(values, dtype="float64")
        return known.fillna(known.groupby(self.first_artists).transform("mean")).to_numpy()


def split_names(texts: pd.Series) -> pa.ListArray:
    """Return the names in texts that join them by ``;``; null where there is no text."""
    array = pa.array(texts, pa.string())
    return pc.split_pattern(array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array, ";")


def flatten(lists: pa.Array) -> tuple[NDArray[np.intp], NDArray[np.intp], list[str]]:
    """Return the row and the code of each name in a list array, and what each code stands for."""
    encoded = pc.dictionary_encode(pc.list_flatten(lists))
    rows = np.repeat(np.arange(len(lists)), np.diff(_offsets(lists).to_numpy()))
    return rows, encoded.indices.to_numpy().astype(np.intp), encoded.dictionary.to_pylist()


def _offsets(lists: pa.Array) -> pa.Array:
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy()
    return pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())
