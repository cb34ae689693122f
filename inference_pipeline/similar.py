"""Songs like a song."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from inference_pipeline.candidates import credits_of
from inference_pipeline.filters import ArtistSpread, Candidates
from inference_pipeline.versions import song_keys
from segue.errors import InputError
from segue.models.blend import Blend
from segue.models.catalog import Catalog
from segue.models.ranking import top
from segue.models.songs import similarities
from segue.models.vectors import Vectors

# A song has seldom more versions than this: so many times the length of the list are looked at first.
VERSIONS = 4


def similar_recordings(
    model: Blend, catalog: Catalog, recording_id: str, k: int, per_artist: int | None = None
) -> pd.DataFrame:
    """Return the `k` nearest recordings of a recording, of each song only one version.

    They are read from the model's neighbor graph. Where that does not reach far enough, the recording is compared with
    every other: both are exact, and agree.

    Parameters
    ----------
    model : Blend
    catalog : Catalog
    recording_id : str
    k : int
        At most this many.
    per_artist : int, optional
        At most this many by any one artist, guests and the artist of the recording itself included: the nearest ones.

    Returns
    -------
    DataFrame
        Rows of the catalog, indexed by track_id, with the column similarity (-1 to 1), the most similar first.

    Raises
    ------
    InputError
        If the model does not know the recording, or has no vectors.
    """
    row = int(model.rows([recording_id])[0])
    if row < 0:
        raise InputError(f"track {recording_id} came after the model was trained: run `segue train`")
    in_graph = model.graph.nearest(row) if model.graph else None
    if in_graph is not None:
        found = _spread(_songs(model, catalog, row, *in_graph), per_artist)
        if len(found) >= k:
            return found.head(k)
    return _compare_with_all(model, catalog, row, k, per_artist)


def _compare_with_all(model: Blend, catalog: Catalog, row: int, k: int, per_artist: int | None) -> pd.DataFrame:
    compared = similarities(model, row)
    compared[row] = -np.inf
    looked_at = VERSIONS * (k + 1)
    while True:
        nearest = top(compared, looked_at)
        found = _spread(_songs(model, catalog, row, nearest, compared[nearest]), per_artist)
        if len(found) >= k or len(nearest) < looked_at:
            return found.head(k)
        looked_at *= VERSIONS


def _songs(model: Blend, catalog: Catalog, row: int, nearest: NDArray[Any], similarity: Vectors) -> pd.DataFrame:
    """Return what is still in the catalog, without other versions of the song that is asked for or that came before."""
    asked = catalog.recordings.reindex(model.track_ids[[row]])
    found = catalog.recordings.reindex(model.track_ids[nearest]).assign(similarity=similarity)
    found = found[catalog.recommendable(found.index)]
    # What is asked for comes first: its versions are known by it.
    return found[~song_keys(pd.concat([asked, found])).duplicated().to_numpy()[1:]]


def _spread(found: pd.DataFrame, per_artist: int | None) -> pd.DataFrame:
    if per_artist is None:
        return found
    return found[ArtistSpread(per_artist).keep(Candidates.of(pd.DataFrame({"credits": credits_of(found)})))]
