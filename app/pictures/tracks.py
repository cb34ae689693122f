"""From the ids of tracks to what a model knows of them."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from inference_pipeline.library import Library


def rows_of(library: Library, track_ids: Iterable[str]) -> NDArray[np.intp]:
    """Return the row of each recording that is among `track_ids`, once; what is not in the catalog is left out."""
    recordings = library.catalog.recordings_of([*track_ids]).dropna().drop_duplicates()
    rows = library.model.rows(recordings)
    return rows[rows >= 0]


def genre_name(label: str) -> str:
    """Return a label as people spell it; some datasets join the words of it by hyphens, and others do not.

    >>> [genre_name(label) for label in ("hard-rock", "hip-hop", "j-pop", "lo-fi beats")]
    ['hard rock', 'hip hop', 'j-pop', 'lo-fi beats']
    """
    return re.sub(r"(?<=\w{3})-", " ", label)
