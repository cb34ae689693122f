"""Looking up tracks in the catalog: by id, and by title and artist."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segue.recordings import recording_keys
from segue.track_ids import read_track_ids

SEPARATOR = "\x1f"


class CatalogLookup:
    """The catalog, made ready to be looked up.

    Parameters
    ----------
    tracks : DataFrame
        Of the group `TRACKS`; needs ``track_id``, ``recording_id``, ``title`` and ``artists``.
    """

    def __init__(self, tracks: pd.DataFrame) -> None:
        table = pa.Table.from_pandas(
            tracks[["track_id", "recording_id", "title", "artists"]], preserve_index=False
        ).sort_by("track_id")
        self.track_ids = _strings(table["track_id"])
        recording_ids = _strings(table["recording_id"])
        self.recordings: npt.NDArray[np.int64] = recording_ids.dictionary_encode().indices.to_numpy().astype(np.int64)
        keys = _keys(table["title"], table["artists"])
        first = pc.index_in(keys.unique().drop_null(), value_set=keys)
        self._keys = keys.take(first)
        # The recording's own track stands for all that share its title and artist.
        self._of_keys = pc.index_in(recording_ids.take(first), value_set=self.track_ids)

    def find_ids(self, track_ids: pa.ChunkedArray) -> pa.Array:
        """Return the place in ``track_ids`` of each id or Spotify URI; null for those that are not there."""
        return pc.index_in(read_track_ids(_strings(track_ids)), value_set=self.track_ids)

    def find_titles(self, titles: pa.ChunkedArray, artists: pa.ChunkedArray) -> pa.Array:
        """Return the place in ``track_ids`` of each recording with that title and first artist; null for others."""
        return self._of_keys.take(pc.index_in(_keys(titles, artists), value_set=self._keys))


def _keys(titles: pa.ChunkedArray, artists: pa.ChunkedArray) -> pa.Array:
    """Return recording keys; null where title or artist is missing, for a title alone says too little."""
    firsts = pc.struct_field(pc.extract_regex(_strings(artists), r"^(?P<first>[^;]+)"), "first")
    # Playlists repeat the same songs over and over: each spelling is normalized once.
    pairs = pc.binary_join_element_wise(_strings(titles), firsts, SEPARATOR).dictionary_encode()
    parts = pc.split_pattern(pairs.dictionary, SEPARATOR)
    return recording_keys(pc.list_element(parts, 0), pc.list_element(parts, 1)).take(pairs.indices)


def _strings(values: pa.ChunkedArray) -> pa.Array:
    plain = values.cast(pa.string())
    return plain.combine_chunks() if isinstance(plain, pa.ChunkedArray) else plain
