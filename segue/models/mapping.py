"""Drawing the map: a place in the plane for every recording, near what it is near in the spaces of a model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

from segue.models.blend import Blend
from segue.models.map import Positions
from segue.models.neighbor_graph import inner_product_index
from segue.models.songs import song_weights
from segue.models.spaces.cosine import CosineSpace
from segue.models.vectors import Vectors

LANDMARKS = 3000
"""So many are laid out by t-SNE, which takes ten seconds; with all it would take an hour."""
FEWEST = 50
DIRECTIONS = 30
LEAST = 1e-6
"""How far apart even landmarks are that nothing tells apart."""
NEAREST = 5
SHARPNESS = 30.0
"""How much more the nearest landmarks count: e times for each thirtieth of similarity."""
SPREAD = 0.2
"""Standard deviation of a recording around where its landmarks put it, in distances between these."""


def draw_map(model: Blend) -> Positions | None:
    """Return where each recording is on the map: the same on every run.

    Returns
    -------
    ndarray of float16, shape (n, 2), or None
        From 0 to 1. None where no space has dense vectors, or there are fewer than 50 recordings.

    Notes
    -----
    Landmarks, drawn at random so that they are dense where the catalog is, are laid out by t-SNE. Each other recording
    is at the mean of the five that are nearest to it. With one thread, as several add up in an order of their own.
    """
    vectors = _vectors(model)
    if vectors is None or len(vectors) < FEWEST:
        return None
    generator = np.random.default_rng(0)
    landmarks = np.sort(generator.choice(len(vectors), min(LANDMARKS, len(vectors)), replace=False))
    with threadpool_limits(1):
        layout = _lay_out(vectors[landmarks])
        placed = _place(vectors, vectors[landmarks], layout)
    placed[landmarks] = layout
    return _scaled(placed + generator.normal(0, SPREAD * _spacing(layout), placed.shape)).astype(np.float16)


def _vectors(model: Blend) -> Vectors | None:
    """Return the vectors that songs are compared by (`segue.models.songs`), where these are dense; not unit rows."""
    worlds = [song_weights(model, known=known) for known in (False, True)]
    parts = []
    for name, space in model.spaces.items():
        weight = sum(of_world.get(name, 0.0) for of_world in worlds) / len(worlds)
        if weight and isinstance(space, CosineSpace) and isinstance(space.vectors_, np.ndarray):
            parts.append(np.float32(np.sqrt(weight)) * space.vectors_)
    return np.concatenate(parts, axis=1) if parts else None


def _lay_out(vectors: Vectors) -> Vectors:
    """Return the positions by t-SNE of vectors of any width, be they all alike."""
    padded = np.pad(vectors, ((0, 0), (0, max(0, 2 - vectors.shape[1]))))
    padded += np.random.default_rng(0).normal(0, LEAST, padded.shape).astype(np.float32)
    reduced = PCA(min(DIRECTIONS, *padded.shape), random_state=0).fit_transform(padded)
    tsne = TSNE(init="pca", perplexity=min(30.0, len(vectors) / 4), max_iter=500, random_state=0)
    return np.asarray(tsne.fit_transform(reduced))


def _place(vectors: Vectors, landmarks: Vectors, layout: Vectors) -> NDArray[np.float64]:
    near, nearest = inner_product_index(landmarks).search(np.ascontiguousarray(vectors), min(NEAREST, len(landmarks)))
    weights = np.exp(SHARPNESS * (near.astype(np.float64) - near.max(axis=1, keepdims=True)))
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("nk,nkd->nd", weights, layout[nearest].astype(np.float64)))


def _spacing(layout: Vectors) -> float:
    """Return how far landmarks are from one another on average, if they were spread evenly."""
    return float(np.sqrt(np.ptp(layout, axis=0).prod() / len(layout)))


def _scaled(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the positions from 0 to 1, in their proportions and with the middle in the middle."""
    low, high = positions.min(axis=0), positions.max(axis=0)
    return np.asarray(np.clip(0.5 + (positions - (low + high) / 2) / max((high - low).max(), 1e-9), 0, 1))
