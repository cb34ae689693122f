"""What a recording and those like it have in common, in a few words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from inference_pipeline.newcomers import hear
from inference_pipeline.sound import in_words, shared_sound
from segue.models.blend import Blend
from segue.models.catalog import Catalog
from segue.models.vectors import Vectors

GENRES = ["genres", "artist_genres"]


def with_resemblance(
    model: Blend, catalog: Catalog, heard: Vectors, recording_id: str, found: pd.DataFrame
) -> pd.DataFrame:
    """Return `found` with the columns ``genre`` and ``sound``.

    Parameters
    ----------
    model : Blend
    catalog : Catalog
        Read with `segue.models.catalog.LABELS`.
    heard : ndarray of float32, shape (n, 13)
        As `inference_pipeline.sound.audible` returns it.
    recording_id : str
        What they are like; it may have come after the model was trained, if `found` was found by sound.
    found : DataFrame
        Rows of the catalog, indexed by track_id.

    Returns
    -------
    DataFrame
        ``genre``: the first label that the recording has too, or else its own first one; ``sound``: up to two things
        that both sound like. Each is empty where nothing is known.
    """
    # By an index of the same type: any other takes a hundred times as long.
    asked = pd.Index([recording_id], dtype=catalog.recordings.index.dtype)
    wanted = set(_genres(catalog.recordings[GENRES].reindex(asked))[0])
    genres = [next((name for name in own if name in wanted), own[0] if own else "") for own in _genres(found)]
    (row,) = model.rows([recording_id])
    own = heard[row] if row >= 0 else hear(model, catalog, recording_id).audible
    seeds = np.repeat(own[None, None], len(found), axis=0)
    shared = shared_sound(heard[model.rows(found.index)], seeds, np.ones((len(found), 1), bool))
    return found.assign(genre=genres, sound=in_words(shared))


def _genres(recordings: pd.DataFrame) -> list[list[str]]:
    """Return the labels of each recording, and then those of its artists."""
    joined = recordings["genres"].fillna("") + ";" + recordings["artist_genres"].fillna("")
    return [[name for name in text.split(";") if name] for text in joined]
