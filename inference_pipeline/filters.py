"""What a listener is not recommended."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segue.models.catalog import Catalog
from segue.models.space_model import SpaceModel


def known_rows(model: SpaceModel, catalog: Catalog, listens: pd.DataFrame) -> NDArray[np.intp]:
    """Return the model's rows of every recording that a listener has played, under whatever id.

    A track that only stands in for one of the same artist has not been played.
    """
    really = listens["matched_by"] != "artist"
    played = pd.concat([listens["track_id"], listens.loc[really, "matched_track_id"].dropna()])
    rows = model.rows(catalog.recordings_of(played))
    return np.unique(rows[rows >= 0])
