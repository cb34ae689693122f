"""The map of the recordings, as it is kept in the folder of a model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segue.errors import UnusableModelError

MAP = "map.npy"
Positions = NDArray[np.float16]
"""Of each row of the model, from 0 to 1, shape (n, 2)."""


def write_map(folder: Path, positions: Positions) -> None:
    """Write a map into the folder of its model."""
    np.save(folder / MAP, positions)


def read_map(folder: Path, n: int) -> Positions | None:
    """Return the map of the model in `folder`, which has `n` recordings; None where there is none.

    Raises
    ------
    UnusableModelError
        If it is damaged, or of another model.
    """
    path = folder / MAP
    if not path.exists():
        return None
    try:
        positions = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise UnusableModelError(f"{path}: cannot be read ({error}); run `segue train` for a new version") from error
    if positions.shape != (n, 2) or positions.dtype != np.float16 or not ((positions >= 0) & (positions <= 1)).all():
        raise UnusableModelError(f"{path}: is not the map of this model; run `segue train` for a new version")
    return np.asarray(positions, np.float16)
