"""Recordings that came after the model was trained: it has no row for them, but the catalog knows how they sound."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from inference_pipeline.sound import worth_a_word
from segue.errors import InputError
from segue.models.blend import Blend
from segue.models.catalog import Catalog
from segue.models.spaces.audio import FEATURES, AudioSpace
from segue.models.vectors import Vectors

BY_SOUND = "came after the model was trained: until `segue train`, it is compared by its sound alone"


@dataclass(frozen=True)
class Newcomer:
    """How a recording sounds to a model that was trained without it.

    Attributes
    ----------
    vector : ndarray of float32, shape (13,)
        Its place in the audio space.
    audible : ndarray of float32, shape (13,)
        What there are words for of its sound, as `inference_pipeline.sound.audible` has it of the others.
    """

    vector: Vectors
    audible: Vectors


def is_newcomer(model: Blend, recording_id: str) -> bool:
    """Return whether the model has no row for a recording."""
    return bool(model.rows([recording_id])[0] < 0)


def audio_space(model: Blend) -> AudioSpace:
    """Return the audio space.

    Raises
    ------
    InputError
        If there is none in the model.
    """
    space = model.spaces.get("audio")
    if not isinstance(space, AudioSpace):
        raise InputError("the model cannot place by sound what came after it was trained: run `segue train`")
    return space


def hear(model: Blend, catalog: Catalog, recording_id: str) -> Newcomer:
    """Place a recording of the catalog by its sound.

    Parameters
    ----------
    model : Blend
    catalog : Catalog
        Read with the audio features.
    recording_id : str

    Raises
    ------
    InputError
        If the model does not place by sound, or nothing is known of the recording's.
    """
    space = audio_space(model)
    own = catalog.recordings.reindex(pd.Index([recording_id], dtype=catalog.recordings.index.dtype))
    if own[list(FEATURES)].isna().all(axis=None):
        raise InputError(f"nothing is known of the sound of track {recording_id}, which {BY_SOUND}")
    return Newcomer(space.transform(own)[0], worth_a_word(space.normal_scores(own), own)[0])
