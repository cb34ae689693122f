"""The models that a user can choose: `--space NAME`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from segue.errors import InputError
from segue.models.blend import Blend
from segue.models.cells import fit_cells
from segue.models.chances import Weights
from segue.models.content import Content
from segue.models.fitting import Rows, fit_weights
from segue.models.hybrid import assemble, blend
from segue.models.neighbors_fitting import fit_neighbors
from segue.models.ranking import top
from segue.models.second_fitting import fit_second_stage
from segue.models.songs import MOST_ROWS, song_graph
from segue.models.spaces.audio import AudioSpace
from segue.models.spaces.autoencoder import AutoencoderSpace
from segue.models.spaces.colisten.als import AlsSpace
from segue.models.spaces.colisten.embedding import EmbeddingSpace
from segue.models.spaces.colisten.playlists import Playlists
from segue.models.spaces.space import Space

CONTENT_SPACES = ("audio", "genre", "tags", "era", "artist", "popularity")
SPACES = ("hybrid", *CONTENT_SPACES, "colisten", "autoencoder")
LEARNING = ("hybrid", "audio", "colisten")
"""Those that playlists change."""

COLISTEN = Weights(unknown={"embedding": 10.0}, known={"als": 10.0})
"""The scale matters only between what the playlists know and what they do not: both are chances, as in the hybrid."""


def check_space(name: str) -> None:
    """Raise an InputError if there is no space of that name."""
    if name not in SPACES:
        raise InputError(f"there is no space {name!r}: choose {', '.join(SPACES)}")


def fit_model(name: str, content: Content, playlists: Sequence[Rows]) -> Blend:
    """Return the model `name`, fitted.

    Parameters
    ----------
    name : str
        One of `SPACES`.
    content : Content
    playlists : sequence of ndarray of int
        The rows of the recordings on each training playlist.

    Raises
    ------
    InputError
        If there is no such space, or it needs playlists and there are none.
    """
    check_space(name)
    return with_cells(_fit(name, content, playlists))


def _fit(name: str, content: Content, playlists: Sequence[Rows]) -> Blend:
    learned = Playlists.of(playlists, len(content.recordings))
    if name == "hybrid":
        neighbors = fit_neighbors(playlists, len(content.recordings))
        found = fit_weights(content, playlists, neighbors)
        if found is None:
            return blend(content)
        second = fit_second_stage(content, playlists, found, neighbors)
        return replace(blend(content, learned, found, neighbors), second=second)
    if name == "colisten":
        if not len(learned.known):
            raise InputError("the space colisten is learned from public playlists: run `segue features` with some")
        als = AlsSpace().fit(learned)
        embedding = EmbeddingSpace().fit(als, learned, content.vectors, content.recordings.credits)
        return assemble(content, {"als": als, "embedding": embedding}, COLISTEN, learned)
    return assemble(content, {name: _content_space(name, content, learned)}, Weights({name: 1.0}, {}))


def _content_space(name: str, content: Content, learned: Playlists) -> Space:
    if name == "audio":
        return AudioSpace().fit(content.recordings, learned)
    return AutoencoderSpace().fit(content.audio) if name == "autoencoder" else content.spaces[name]


def with_cells(model: Blend) -> Blend:
    """Return the model with what it needs to look only where the likeliest recordings are."""
    known, weights = model.first.known, model.weights
    worlds = [(np.flatnonzero(~known), weights.unknown), (np.flatnonzero(known), weights.known)]
    return replace(model, cells=fit_cells(model.spaces, worlds))


def with_song_graph(model: Blend, content: Content, most: int = MOST_ROWS) -> Blend:
    """Return the model with the graph of the nearest recordings, where it has vectors that are worth one.

    Working it out for a whole large catalog would take minutes: the `most` recordings that are asked for most have
    it, those that playlists know and then the most popular ones. Any other is compared with everything when asked for.
    """
    known = np.zeros(len(model.recordings)) if model.known is None else model.known
    return replace(model, graph=song_graph(model, top(known + content.popularity.percentiles_, most)))
