"""What a recording and those like it have in common, in a few words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from inference_pipeline.sound import audible, in_words, shared_sound
from segue.models.blend import Blend
from segue.models.catalog import Catalog

MOST_GENRES = 2


def with_resemblance(model: Blend, catalog: Catalog, recording_id: str, found: pd.DataFrame) -> pd.DataFrame:
    """Return `found` with the columns ``genre`` and ``sound``.

    Parameters
    ----------
    model : Blend
    catalog : Catalog
        Read with `segue.models.catalog.LABELS` and the features of `inference_pipeline.sound.LEAST`.
    recording_id : str
        What they are like.
    found : DataFrame
        Rows of the catalog, indexed by track_id.

    Returns
    -------
    DataFrame
        ``genre``: up to two labels that the recording has too, or else its own first one; ``sound``: up to two things
        that both sound like. Each is empty where nothing is known.
    """
    asked = catalog.recordings.loc[[recording_id]]
    wanted = set(_genres(asked)[0])
    named = [[name for name in own if name in wanted][:MOST_GENRES] or own[:1] for own in _genres(found)]
    heard = audible(model, catalog)
    seed = heard[model.rows([recording_id])]
    own = heard[model.rows(found.index)]
    alone = np.zeros(len(found), bool)
    sound = in_words(shared_sound(own, np.repeat(seed[None], len(found), axis=0), ~alone[:, None]), several=alone)
    return found.assign(
        genre=[", ".join(names) for names in named],
        sound=[(text or "").removeprefix("both ") for text in sound.to_pylist()],
    )


def _genres(recordings: pd.DataFrame) -> list[list[str]]:
    """Return the labels of each recording, and then those of its artists, each once."""
    joined = recordings["genres"].fillna("") + ";" + recordings["artist_genres"].fillna("")
    return [list(dict.fromkeys(name for name in text.split(";") if name)) for text in joined]
