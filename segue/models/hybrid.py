"""The hybrid: every space, weighed by defaults or by what public playlists teach.

Five of its eleven spaces score as the KNN regressor (`segue.models.knn.PreferenceKNN`) does, from the listener's
preferences:

- ``neighbors`` has the logarithm of its prediction over a graph of co-listening, with the k that training chooses;
- ``genre``, ``tags``, ``audio`` and ``embedding`` have the weighted mean of a recording's cosines with the seeds. It
  ranks as the regressor with k = all does with a large background: its denominator is the same for all then.

The other six do not. ``artist`` has the root of such a mean, ``als`` the product of factors that are solved for, and
``era``, ``popularity``, ``count`` and ``kind`` the log ratio of the seeds' density to the catalog's.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from sklearn.base import clone

from segue.models.blend import Blend
from segue.models.chances import Weights
from segue.models.content import Content
from segue.models.ids import ID_BYTES
from segue.models.spaces.audio import FEATURES
from segue.models.spaces.colisten.als import AlsSpace
from segue.models.spaces.colisten.embedding import EmbeddingSpace
from segue.models.spaces.colisten.familiarity import CountSpace, KindSpace
from segue.models.spaces.colisten.neighbors import NeighborsSpace
from segue.models.spaces.colisten.playlists import Playlists
from segue.models.spaces.space import Space

DEFAULT_WEIGHTS = {"genre": 2.3, "tags": 3.7, "audio": 3.0, "era": 1.05, "artist": 2.8, "popularity": 0.7}
"""For a catalog without playlists: chosen by hand on public playlists, and good on others that had no part in it."""

ARTIST_DISCOUNT = 0.2
"""Measured on public playlists: it spreads 100 tracks over 63 artists rather than 56, for a hundredth of the recall."""

CONTENT = tuple(DEFAULT_WEIGHTS)
KNOWN = (*CONTENT, "als", "neighbors", "embedding", "count")
UNKNOWN = (*CONTENT, "embedding", "kind")


def place_by_playlists(content: Content, playlists: Playlists, neighbors: NeighborsSpace) -> dict[str, Space]:
    """Fit the spaces that playlists teach, by name; of `neighbors` only the parameters count."""
    credited, vectors = content.recordings.credits, content.vectors
    als = AlsSpace().fit(playlists)
    return {
        "als": als,
        "neighbors": clone(neighbors).fit(playlists),
        "embedding": EmbeddingSpace().fit(als, playlists, vectors, credited),
        "count": CountSpace().fit(playlists),
        "kind": KindSpace().fit(playlists, content.kinds, content.popularity, credited),
    }


def blend(
    content: Content,
    playlists: Playlists | None = None,
    weights: Weights | None = None,
    neighbors: NeighborsSpace | None = None,
) -> Blend:
    """Blend all spaces.

    Parameters
    ----------
    content : Content
    playlists : Playlists, optional
        Without any, the default weights hold.
    weights : Weights, optional
        As `segue.models.fitting.fit_weights` finds them; needed with playlists.
    neighbors : NeighborsSpace, optional
        With the parameters that `segue.models.neighbors_fitting.fit_neighbors` finds; its defaults by default.
    """
    if playlists is None or weights is None:
        return assemble(content, content.spaces, Weights(DEFAULT_WEIGHTS, {}), discount=ARTIST_DISCOUNT)
    spaces = content.spaces | place_by_playlists(content, playlists, neighbors or NeighborsSpace())
    return assemble(content, spaces, weights, playlists, ARTIST_DISCOUNT)


def assemble(
    content: Content,
    spaces: Mapping[str, Space],
    weights: Weights,
    playlists: Playlists | None = None,
    discount: float = 0.0,
) -> Blend:
    """Put spaces and the facts of the recordings together."""
    return Blend(
        recordings=content.recordings.frame.index.to_numpy(dtype=str).astype(ID_BYTES),
        artists=content.recordings.first_artists.astype(np.int32),
        normal_scores=content.audio.normal_scores_,
        features=FEATURES,
        spaces=spaces,
        weights=weights,
        discount=discount,
        known=None if playlists is None else playlists.counts > 0,
    )
