"""Content: what the catalog says of a recording, weighed by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.preprocessing import normalize

from segue.groups import AUDIO_FEATURES
from training_pipeline.evaluation.baselines.baseline import Baseline, Block, Weighed, blend
from training_pipeline.evaluation.baselines.popular import for_everybody
from training_pipeline.evaluation.blocks import Vectors, artists, audio, cosines, eras, genres, popularity
from training_pipeline.holdout import Rows

GENRE_AUDIO_YEAR = {"genre": 1.0, "audio": 0.3, "era": 0.5}
BY_HAND = GENRE_AUDIO_YEAR | {"artist": 1.0, "popularity": 0.6}


def fit_genre_audio_year(recordings: pd.DataFrame, playlists: Sequence[Rows]) -> Baseline:  # noqa: ARG001 - of the protocol
    """Return the baseline without artist and popularity."""
    return Weighed(recordings, blend(blocks(recordings), GENRE_AUDIO_YEAR))


def fit_by_hand(recordings: pd.DataFrame, playlists: Sequence[Rows]) -> Baseline:  # noqa: ARG001 - of the protocol
    """Return the baseline with all blocks."""
    return Weighed(recordings, blend(blocks(recordings), BY_HAND))


def blocks(recordings: pd.DataFrame) -> dict[str, Block]:
    """Return what the catalog says: the mean cosine to the seeds in four ways, and popularity."""
    return {**by_cosine(vectors(recordings)), "popularity": for_everybody(popularity(recordings))}


def by_cosine(placed: Mapping[str, Vectors | sp.csr_array]) -> dict[str, Block]:
    """Return what scores recordings by their mean cosine to the seeds, for each matrix of unit rows."""
    return {name: partial(cosines, vectors=rows) for name, rows in placed.items()}


def vectors(recordings: pd.DataFrame) -> dict[str, Vectors | sp.csr_array]:
    """Return unit rows for genre, sound, year and artist."""
    return {
        "genre": genres(recordings),
        "audio": np.asarray(normalize(audio(recordings, tuple(AUDIO_FEATURES))), dtype=np.float32),
        "era": eras(recordings),
        "artist": artists(recordings),
    }
