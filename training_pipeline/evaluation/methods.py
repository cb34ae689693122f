"""The methods that are compared: the baselines, and the models that Segue registers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from segue.models.recommender import Recommender
from training_pipeline.evaluation.baselines import (
    als,
    audio_centroid,
    autoencoder,
    content,
    cooccurrence,
    fitted_blend,
    knn_features,
    popular,
    random_order,
    same_artist,
)
from training_pipeline.holdout import Rows


class Served(Recommender, Protocol):
    """A recommender with the artist discount that its lists are made with."""

    @property
    def discount(self) -> float:
        """Of an artist's further tracks, as `segue.models.ranking.rank` takes it."""


Fit = Callable[[pd.DataFrame, Sequence[Rows]], Served]
"""From the catalog's recordings (indexed by track_id) and the rows on each training playlist to a recommender."""


@dataclass(frozen=True)
class Method:
    """A way to recommend.

    Attributes
    ----------
    name : str
        What tables call it.
    fit : Fit
        Learns from the catalog and from training playlists, and from nothing else.
    learns : bool
        Whether playlists change it; if not, one fit serves every setting.
    needs_playlists : bool
        Whether it is nothing without playlists.
    """

    name: str
    fit: Fit
    learns: bool = False
    needs_playlists: bool = False


BASELINES = (
    Method("random", random_order.fit),
    Method("popularity", popular.fit),
    Method("KNN regressor, 9 audio features", knn_features.fit),
    Method("autoencoder latent (6), cosine", autoencoder.fit),
    Method("audio centroid", audio_centroid.fit),
    Method("audio, whitened within playlists", audio_centroid.fit_whitened, learns=True, needs_playlists=True),
    Method("genre + audio + year", content.fit_genre_audio_year),
    Method("same artist, then popularity", same_artist.fit),
    Method("content by hand", content.fit_by_hand),
    Method("content, weights fitted", fitted_blend.fit_content, learns=True, needs_playlists=True),
    Method(
        "content + artist graph + predicted co-listening",
        fitted_blend.fit_predicted,
        learns=True,
        needs_playlists=True,
    ),
    Method("item co-occurrence, BM25", cooccurrence.fit, learns=True, needs_playlists=True),
    Method("ALS, 32 factors, fold-in", als.fit, learns=True, needs_playlists=True),
    Method("linear blend of all blocks", fitted_blend.fit_all, learns=True, needs_playlists=True),
)
