"""From the best candidates to a good playlist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
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
    credited = catalog.recordings["artists"].reindex(model.track_ids[rows]).fillna("").str.split(";")
    seen: Counter[str] = Counter()
    chosen: list[int] = []
    for position, names in enumerate(credited):
        artists = _distinct(names)
        if all(seen[artist] < at_most for artist in artists):
            seen.update(artists)
            chosen.append(position)
            if len(chosen) == length:
                break
    return np.array(chosen, dtype=np.intp)


def _distinct(names: Iterable[str]) -> set[str]:
    return {name for name in normalize_artists(list(names)).to_pylist() if name}
