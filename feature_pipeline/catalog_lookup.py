"""Looking up the rows of playlists in the catalog: by id, and by title and artist."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from feature_pipeline.matching import index_catalog, title_keys
from segue.track_ids import read_track_ids


class CatalogLookup:
    """The catalog, made ready to be looked up.

    Parameters
    ----------
    tracks : DataFrame
        Of the group `TRACKS`; needs what `feature_pipeline.matching.index_catalog` does.
    """

    def __init__(self, tracks: pd.DataFrame) -> None:
        ordered = tracks.sort_values("track_id")
        self.track_ids = pa.array(ordered["track_id"], pa.string())
        recordings = pa.array(ordered["recording_id"], pa.string()).dictionary_encode()
        self.recordings: npt.NDArray[np.int64] = recordings.indices.to_numpy().astype(np.int64)
        titles = index_catalog(tracks, ["title"])["title"]
        self._keys = pa.array(titles.index, pa.string())
        self._of_keys = pc.index_in(pa.array(titles, pa.string()), value_set=self.track_ids)

    def find_ids(self, track_ids: pa.ChunkedArray) -> pa.Array:
        """Return the place in ``track_ids`` of each id or Spotify URI; null for those that are not there."""
        return pc.index_in(read_track_ids(_strings(track_ids)), value_set=self.track_ids)

    def find_titles(self, titles: pa.ChunkedArray, artists: pa.ChunkedArray) -> pa.Array:
        """Return the place in ``track_ids`` of each recording with that title and first artist; null for others."""
        keys = title_keys(_strings(titles), _strings(artists))
        return self._of_keys.take(pc.index_in(keys, value_set=self._keys))


def _strings(values: pa.ChunkedArray) -> pa.Array:
    plain = values.cast(pa.string())
    return plain.combine_chunks() if isinstance(plain, pa.ChunkedArray) else plain
