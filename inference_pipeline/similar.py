"""Songs like a song."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from inference_pipeline.candidates import credits_of
from inference_pipeline.filters import ArtistSpread, Candidates
from inference_pipeline.library import Library
from inference_pipeline.newcomers import hear, is_newcomer
from inference_pipeline.versions import song_keys
from segue.models.ranking import top
from segue.models.songs import similarities

# A song has seldom more versions than this: so many times the length of the list are looked at first.
VERSIONS = 4
Nearest = tuple[NDArray[Any], NDArray[Any]]
"""Rows of the model, the nearest first, and their similarities."""


def similar_recordings(library: Library, recording_id: str, k: int, per_artist: int | None = None) -> pd.DataFrame:
    """Return the `k` nearest recordings of a recording, of each song only one version.

    They are read from the model's neighbor graph. Where that does not reach far enough, the recording is compared with
    every other: both are exact, and agree. A recording that came after the model was trained is compared by its sound.

    Parameters
    ----------
    library : Library
        Its catalog read with the audio features, for what came after the model was trained.
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
        If the model has no vectors, or does not know the recording and nothing is known of its sound either.
    """
    model = library.model
    if is_newcomer(model, recording_id):
        vector = hear(model, library.catalog, recording_id).vector
        return _look(library, recording_id, lambda n: library.by_sound.search(vector, n), k, per_artist)
    row = int(model.rows([recording_id])[0])
    in_graph = model.graph.nearest(row) if model.graph else None
    if in_graph is not None:
        found = _spread(_songs(library, recording_id, *in_graph), per_artist)
        if len(found) >= k:
            return found.head(k)
    compared = similarities(model, row)
    compared[row] = -np.inf

    def nearest(n: int) -> Nearest:
        rows = top(compared, n)
        return rows, compared[rows]

    return _look(library, recording_id, nearest, k, per_artist)


def _look(
    library: Library, recording_id: str, nearest: Callable[[int], Nearest], k: int, per_artist: int | None
) -> pd.DataFrame:
    """Return what is left of the nearest, of as many as need be looked at."""
    looked_at = VERSIONS * (k + 1)
    while True:
        rows, similarity = nearest(looked_at)
        found = _spread(_songs(library, recording_id, rows, similarity), per_artist)
        if len(found) >= k or len(rows) < looked_at:
            return found.head(k)
        looked_at *= VERSIONS


def _songs(library: Library, recording_id: str, nearest: NDArray[Any], similarity: NDArray[Any]) -> pd.DataFrame:
    """Return what is still in the catalog, without other versions of the song that is asked for or that came before."""
    model, catalog = library.model, library.catalog
    asked = catalog.recordings.reindex(pd.Index([recording_id], dtype=model.track_ids.dtype, name="track_id"))
    found = catalog.recordings.reindex(model.track_ids[nearest]).assign(similarity=similarity)
    found = found[catalog.recommendable(found.index)]
    # What is asked for comes first: its versions are known by it.
    return found[~song_keys(pd.concat([asked, found])).duplicated().to_numpy()[1:]]


def _spread(found: pd.DataFrame, per_artist: int | None) -> pd.DataFrame:
    if per_artist is None:
        return found
    return found[ArtistSpread(per_artist).keep(Candidates.of(pd.DataFrame({"credits": credits_of(found)})))]
