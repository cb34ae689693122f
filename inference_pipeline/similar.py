"""Songs like a song."""

from __future__ import annotations

import numpy as np
import pandas as pd

from inference_pipeline.versions import song_keys
from segue.errors import InputError
from segue.models.catalog import Catalog
from segue.models.space_model import SpaceModel


def similar_recordings(model: SpaceModel, catalog: Catalog, recording_id: str, k: int) -> pd.DataFrame:
    """Return the `k` nearest recordings of a recording, from the neighbor graph; of each song only one version.

    Returns
    -------
    DataFrame
        Rows of the catalog, indexed by track_id, with the column similarity (-1 to 1), the most similar first.

    Raises
    ------
    InputError
        If the model does not know the recording, or holds fewer than `k` neighbors of each.
    """
    row = model.rows([recording_id])[0]
    if row < 0:
        raise InputError(f"track {recording_id} came after the model was trained: run `segue train`")
    held = model.graph.indices.shape[1]
    if k > held:
        raise InputError(f"the model holds the {held} nearest tracks of each: ask for --k {held} or fewer")
    ids = model.track_ids[np.append(row, model.graph.indices[row])]
    found = catalog.recordings.reindex(ids).assign(similarity=np.append(1, model.graph.similarities[row]))
    # A recording that has left the catalog since is not shown.
    found = found[found["recording_id"].notna()]
    other_songs = ~song_keys(found).duplicated() & (found.index != recording_id)
    return found[other_songs].head(k)
