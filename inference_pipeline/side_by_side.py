"""The nearest songs of a song in one space beside those in another."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from inference_pipeline.chain import sift
from inference_pipeline.filters import ArtistSpread, Filter, Versions
from inference_pipeline.library import Library
from inference_pipeline.newcomers import is_newcomer
from inference_pipeline.resemblance import with_resemblance
from inference_pipeline.similar import similar_recordings
from segue.models.blend import Blend
from segue.models.ranking import top
from segue.models.songs import similarities
from segue.models.spaces.cosine import CosineSpace
from segue.models.vectors import Vectors

HYBRID = "hybrid"
SPACES = {
    "audio": "audio",
    "genre": "genre",
    "tags": "tags",
    "artist": "artist",
    "colisten": "embedding",
    "autoencoder": "autoencoder",
}
"""Each space that stands beside the hybrid, and what it is called in a model."""
PER_ARTIST = 2
LOOKED_AT = 1000
"""So many are looked at first; only where these leave too few, all."""
TIE = np.float32(1e-4)
"""Of equally near ones, as songs of the same artist are, those come first that are nearer in all spaces together."""


def neighbors_by_space(
    library: Library,
    recording_id: str,
    k: int = 8,
    autoencoder: Library | None = None,
    names: Collection[str] = (HYBRID, *SPACES),
) -> dict[str, pd.DataFrame]:
    """Return the nearest songs of a song in the hybrid, and in each of its spaces by itself.

    Versions of the song, and of what came before, are left out; an artist has at most two songs, but where the space is
    that of artists. A song that came after the model was trained has neighbors by its sound, in the hybrid, too.

    Parameters
    ----------
    library : Library
        With the hybrid.
    recording_id : str
    k : int
        At most so many in each space.
    autoencoder : Library, optional
        With that model, of the same catalog, where one is registered.
    names : collection of str
        The spaces to look in.

    Returns
    -------
    dict of str to DataFrame
        By the name of the space (`HYBRID`, then the keys of `SPACES`), as far as it is there: rows of the catalog,
        indexed by track_id, the nearest first, with the columns ``similarity`` (0 to 1), ``genre`` and ``sound``
        (what they share: `with_resemblance`). No rows where a space knows nothing of the song.

    Raises
    ------
    InputError
        If the model has no vectors, or does not know the song and nothing is known of its sound either.
    """
    model = library.model
    if is_newcomer(model, recording_id):
        near = similar_recordings(library, recording_id, k, PER_ARTIST)
        near = with_resemblance(model, library.catalog, library.audible, recording_id, near)
        return {name: near for name in (HYBRID, "audio") if name in names}
    row = int(model.rows([recording_id])[0])
    together = similarities(model, row)
    cosines = {HYBRID: together} | {name: found for name in SPACES if (found := _cosines(model, name, row)) is not None}
    if autoencoder is not None and (own := int(autoencoder.model.rows([recording_id])[0])) >= 0:
        found = _cosines(autoencoder.model, "autoencoder", own)
        if found is not None:
            at = autoencoder.model.rows(model.track_ids)
            cosines["autoencoder"] = np.where(at >= 0, found[at], np.float32(0))
    wanted = {name: near for name, near in cosines.items() if name in names}
    return {name: _nearest(library, row, near, together, k, name) for name, near in wanted.items()}


def _cosines(model: Blend, name: str, row: int) -> Vectors | None:
    """Return how near every recording is in a space; 0 where it knows nothing of it, None without the space."""
    space = model.spaces.get(SPACES[name])
    if not isinstance(space, CosineSpace):
        return None
    near = space.cosines(row)
    if name == "colisten" and model.known is not None:
        # All others are where they are expected to be: no playlist says so.
        near = near * (model.known & model.known[row])
    return near


def _nearest(  # noqa: PLR0913, PLR0917 - what is near in one space and in all, and how much of it is asked for
    library: Library, row: int, near: Vectors, together: Vectors, k: int, name: str
) -> pd.DataFrame:
    model = library.model
    compared = np.where(library.recommendable & (near > 0), near + TIE * together, -np.inf)
    compared[row] = -np.inf
    filters: list[Filter] = [Versions({library.candidates["song"].iloc[row]})]
    if name != "artist":
        filters.append(ArtistSpread(PER_ARTIST))
    for looked_at in (LOOKED_AT, len(compared)):
        rows = top(compared, looked_at)
        rows = rows[sift(filters, library.at(rows), k).rows]
        if len(rows) >= k:
            break
    rows = rows[:k]
    found = library.catalog.recordings.reindex(model.track_ids[rows]).assign(similarity=near[rows])
    return with_resemblance(model, library.catalog, library.audible, str(model.track_ids[row]), found)
