"""From the best candidates to a good playlist."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segue.models.catalog import Catalog
from segue.models.space_model import SpaceModel
from segue.recordings import normalize_artists


def cap_artists(
    model: SpaceModel, catalog: Catalog, rows: NDArray[np.intp], at_most: int, length: int
) -> NDArray[np.intp]:
    """Return positions in `rows` of the first `length` recordings that leave every artist at most `at_most`.

    All credited artists count, so that a featured one does not come in by the back door. Fewer than `length` are
    returned where no more are possible.
    """
    seen: Counter[str] = Counter()
    chosen: list[int] = []
    for position, artists in enumerate(_credits(catalog, model.track_ids[rows])):
        if all(seen[artist] < at_most for artist in artists):
            seen.update(artists)
            chosen.append(position)
            if len(chosen) == length:
                break
    return np.array(chosen, dtype=np.intp)


def _credits(catalog: Catalog, recording_ids: pd.Index[str]) -> list[set[str]]:
    """Return the normalized names of all artists of each recording."""
    joined = catalog.recordings["artists"].reindex(recording_ids).fillna("").to_list()
    # All names at once: normalizing them one by one takes a hundred times as long.
    names = list(dict.fromkeys(name for text in joined for name in text.split(";")))
    normalized = dict(zip(names, normalize_artists(names).to_pylist(), strict=True))
    return [{normalized[name] for name in text.split(";")} - {""} for text in joined]
