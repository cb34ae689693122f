"""Songs like a song."""

from __future__ import annotations

import pandas as pd

from inference_pipeline.versions import song_keys
from segue.errors import InputError
from segue.models.blend import Blend
from segue.models.catalog import Catalog
from segue.models.ranking import top

# A song has seldom more versions than this: so many times the length of the list are looked at first.
VERSIONS = 4
# Below every similarity.
GONE = -2.0


def similar_recordings(model: Blend, catalog: Catalog, recording_id: str, k: int) -> pd.DataFrame:
    """Return the `k` nearest recordings of a recording, of each song only one version.

    The nearest are exact: the recording is compared with every other, which takes less time than to read a graph.

    Returns
    -------
    DataFrame
        Rows of the catalog, indexed by track_id, with the column similarity (-1 to 1), the most similar first.

    Raises
    ------
    InputError
        If the model does not know the recording, or has no vectors.
    """
    row = model.rows([recording_id])[0]
    if row < 0:
        raise InputError(f"track {recording_id} came after the model was trained: run `segue train`")
    similarities = model.similarities(row)
    # Before its own copies: what is asked for comes first, and its versions are known by it.
    similarities[row] = 2
    # A recording that has left the catalog since is not shown.
    similarities[~catalog.recommendable(model.track_ids)] = GONE
    looked_at = VERSIONS * (k + 1)
    while True:
        nearest = top(similarities, looked_at)
        nearest = nearest[similarities[nearest] > GONE]
        found = catalog.recordings.reindex(model.track_ids[nearest]).assign(similarity=similarities[nearest])
        others = found[~song_keys(found).duplicated() & (found.index != recording_id)]
        if len(others) >= k or len(nearest) < looked_at:
            return others.head(k)
        looked_at *= VERSIONS
