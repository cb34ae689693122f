"""Content: what the catalog says of a recording, weighed by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.preprocessing import normalize

from segue.groups import AUDIO_FEATURES
from training_pipeline.evaluation.baselines.baseline import Baseline, Weighed
from training_pipeline.evaluation.blocks import Vectors, artists, audio, cosines, eras, genres, popularity
from training_pipeline.holdout import Rows

GENRE_AUDIO_YEAR = {"genre": 1.0, "audio": 0.3, "era": 0.5}
BY_HAND = GENRE_AUDIO_YEAR | {"artist": 1.0, "popularity": 0.6}


def fit_genre_audio_year(recordings: pd.DataFrame, playlists: Sequence[Rows]) -> Baseline:  # noqa: ARG001 - of the protocol
    """Return the baseline without artist and popularity."""
    return _blend(recordings, GENRE_AUDIO_YEAR)


def fit_by_hand(recordings: pd.DataFrame, playlists: Sequence[Rows]) -> Baseline:  # noqa: ARG001 - of the protocol
    """Return the baseline with all blocks."""
    return _blend(recordings, BY_HAND)


def _blend(recordings: pd.DataFrame, weights: Mapping[str, float]) -> Baseline:
    blocks: dict[str, Vectors | sp.csr_array] = {
        "genre": genres(recordings),
        "audio": np.asarray(normalize(audio(recordings, tuple(AUDIO_FEATURES))), dtype=np.float32),
        "era": eras(recordings),
        "artist": artists(recordings),
    }
    popular = weights.get("popularity", 0.0) * popularity(recordings)

    def score(seeds: sp.csr_array) -> Vectors:
        total = np.tile(popular, (seeds.shape[0], 1))
        for name in weights.keys() & blocks.keys():
            total += weights[name] * cosines(seeds, blocks[name])
        return total

    return Weighed(recordings, score)
