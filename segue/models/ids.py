"""Track ids as a model keeps them: 22 bytes each, which can be mapped from a file and searched as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from segue.groups import DTYPES

ID_LENGTH = 22
ID_BYTES = f"S{ID_LENGTH}"
_NOBODYS = "\x7f" * ID_LENGTH


@dataclass(frozen=True)
class TrackIds:
    """The track_id of each row of a model.

    A table of hashes is never made: for 165,000 ids that takes longer than to load a model and to answer.

    Attributes
    ----------
    ids : ndarray of bytes, shape (n,)
        Each once, in any order.
    """

    ids: NDArray[np.bytes_]

    def index(self) -> pd.Index[str]:
        """Return them as text."""
        # The bytes as they are, where numpy's own way goes through an object for each.
        values = pa.Array.from_buffers(
            pa.binary(ID_LENGTH), len(self.ids), [None, pa.py_buffer(np.ascontiguousarray(self.ids))]
        )
        texts: pd.Index[str] = pd.Index(pd.array(values.cast(pa.string()), dtype=DTYPES["text"]), name="track_id")
        return texts

    def rows(self, track_ids: Sequence[str] | pd.Series | pd.Index) -> NDArray[np.intp]:
        """Return the row of each of `track_ids`; -1 where it is in none."""
        asked = _as_bytes(track_ids)
        places = np.searchsorted(self.ids, asked, sorter=self._order)
        found = self._order[np.minimum(places, len(self.ids) - 1)]
        return np.where(self.ids[found] == asked, found, -1)

    @cached_property
    def _order(self) -> NDArray[np.intp]:
        return np.argsort(self.ids, kind="stable")


def _as_bytes(track_ids: Sequence[str] | pd.Series | pd.Index) -> NDArray[np.bytes_]:
    """Return texts as bytes; what is missing, or too long or short to be an id, as the id of nobody."""
    texts = pa.array(track_ids, pa.string(), from_pandas=True)
    fits = pc.fill_null(pc.equal(pc.binary_length(texts), ID_LENGTH), False)  # noqa: FBT003 - Arrow's own
    ids = pc.if_else(fits, texts, _NOBODYS).cast(pa.binary(ID_LENGTH))
    ids = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    return np.frombuffer(ids.buffers()[1], ID_BYTES, len(ids), ids.offset * ID_LENGTH)
