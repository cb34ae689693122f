"""How near recordings are to one another, and the graph of the nearest: what "songs like this song" is answered from.

Two recordings are as near as the weighted mean of their cosines in all spaces that have vectors, with the weights of
the world of the one that is asked for. That is the cosine of the vectors of these spaces, each scaled by the root of
its weight and put one after the other. Where there are tags, they stand for genres, with the weight of both: they are
the same labels, of which those that the same artists have are near one another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.utils import gen_batches

from segue.errors import InputError
from segue.models.neighbor_graph import in_blocks, inner_product_index, nearest_entries
from segue.models.spaces.artist import ArtistSpace
from segue.models.spaces.cosine import CosineSpace
from segue.models.vectors import Sparse, Vectors

if TYPE_CHECKING:
    from segue.models.blend import Blend

NEIGHBORS = 50
MOST_ROWS = 40_000
"""So many recordings have their neighbors worked out in advance; it takes half a minute on two cores."""
ROWS_AT_ONCE = 2048
PAIRS_AT_ONCE = 50_000

Entries = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]
"""Places among the rows that are asked for, rows of the model, similarities."""


@dataclass(frozen=True)
class SongGraph:
    """The nearest recordings of those that are asked for most.

    Attributes
    ----------
    rows : ndarray of int32, shape (r,)
        Which recordings have neighbors here, ascending.
    indices : ndarray of int32, shape (r, k)
        Rows of the nearest others, the nearest first; of equally near ones the lower row first.
    similarities : ndarray of float32, shape (r, k)
        How near they are, -1 to 1.
    """

    rows: NDArray[np.int32]
    indices: NDArray[np.int32]
    similarities: Vectors

    def nearest(self, row: int) -> tuple[NDArray[np.int32], Vectors] | None:
        """Return the neighbors of a recording and how near they are; None if it has none here."""
        place = int(np.searchsorted(self.rows, row))
        if place == len(self.rows) or self.rows[place] != row:
            return None
        return self.indices[place], self.similarities[place]


def similarities(model: Blend, row: int) -> Vectors:
    """Return how near every recording is to one, -1 to 1, shape (n,).

    Raises
    ------
    InputError
        If no space has vectors.
    """
    weights = song_weights(model, known=_is_known(model, row))
    if not weights:
        raise InputError(f"the space {', '.join(model.spaces)} has no vectors: choose hybrid, audio or genre")
    return np.asarray(sum(np.float32(weight) * _placed(model)[name].cosines(row) for name, weight in weights.items()))


def song_weights(model: Blend, *, known: bool) -> dict[str, float]:
    """Return the weight of each space that counts, by name, adding up to 1; empty where there is none.

    Where none of the spaces that count in a world has vectors, those of the other world do.
    """
    own, other = model.weights.unknown, model.weights.known
    return _of_placed(model, *((other, own) if known else (own, other)))


def _of_placed(model: Blend, *worlds: Mapping[str, float]) -> dict[str, float]:
    """Return the weights of the first of `worlds` in which any space that has vectors counts."""
    for of_world in worlds:
        weights = {name: max(0.0, of_world.get(name, 0.0)) for name in _placed(model)}
        if "genre" in weights and "tags" in weights:
            weights["tags"] += weights.pop("genre")
        total = sum(weights.values())
        if total:
            return {name: weight / total for name, weight in weights.items() if weight}
    return {}


def song_graph(model: Blend, rows: NDArray[np.intp], k: int = NEIGHBORS) -> SongGraph | None:
    """Find the `k` nearest others of each of `rows`, exactly but for the rounding of single precision.

    Returns
    -------
    SongGraph or None
        None where no space has dense vectors: comparing with everything is then as fast.

    Notes
    -----
    The nearest by the dense vectors, together with all recordings that share an artist, hold the nearest by both:
    what shares no artist is as near as its dense vectors are, and sharing one only adds to that.
    """
    placed = _placed(model)
    counted = {name for known in (False, True) for name in song_weights(model, known=known)}
    dense = sorted(name for name in counted if isinstance(placed[name].vectors_, np.ndarray))
    if not dense or any(not isinstance(placed[name], ArtistSpace) for name in counted.difference(dense)):
        return None
    asked = np.sort(rows).astype(np.int32)
    n = len(model.recordings)
    k = min(k, n - 1)
    graph = SongGraph(asked, np.empty((len(asked), k), np.int32), np.empty((len(asked), k), np.float32))
    vectors = np.concatenate([placed[name].vectors_ for name in dense], axis=1)
    artists = [placed[name].vectors_ for name in counted.difference(dense)]
    index = inner_product_index(vectors)

    def find(block: slice) -> None:
        part = asked[block]
        queries = np.concatenate([_weighed(model, name, part) for name in dense], axis=1)
        found, near = index.search(queries, k + 1)
        entries = [(np.repeat(np.arange(len(part)), k + 1), near.ravel(), found.ravel())]
        if artists:
            entries = _with_same_artist(entries[0], _weighed(model, "artist", part) @ artists[0].T, queries, vectors)
        places, others, similarity = (np.concatenate(parts) for parts in zip(*entries, strict=True))
        kept = np.flatnonzero(others != part[places])
        kept = kept[nearest_entries(places[kept], others[kept], similarity[kept], k)]
        graph.indices[block], graph.similarities[block] = others[kept].reshape(-1, k), similarity[kept].reshape(-1, k)

    in_blocks(find, len(asked), ROWS_AT_ONCE, "Finding songs like each song")
    return graph


def _placed(model: Blend) -> dict[str, CosineSpace]:
    return {name: space for name, space in model.spaces.items() if isinstance(space, CosineSpace)}


def _is_known(model: Blend, row: int) -> bool:
    return model.known is not None and bool(model.known[row])


def _weighed(model: Blend, name: str, rows: NDArray[np.int32]) -> Any:
    """Return the vectors of `rows` in a space, each times the weight of the space in its world."""
    by_world = [song_weights(model, known=known).get(name, 0.0) for known in (False, True)]
    worlds = np.zeros(len(rows), int) if model.known is None else model.known[rows].astype(int)
    weights = np.asarray(by_world, np.float32)[worlds]
    return sp.diags_array(weights) @ _placed(model)[name].vectors_[rows]


def _with_same_artist(found: Entries, shared: Sparse, queries: Vectors, vectors: Vectors) -> list[Entries]:
    """Return what shares an artist, as near as both make it, and what else was `found`."""
    shared = shared.tocoo()
    pairs = gen_batches(shared.nnz, PAIRS_AT_ONCE)
    dense = [np.einsum("pd,pd->p", queries[shared.row[pair]], vectors[shared.col[pair]]) for pair in pairs]
    n = len(vectors)
    fresh = ~np.isin(found[0] * n + found[1], shared.row.astype(np.int64) * n + shared.col)
    same = (shared.row, shared.col, shared.data + np.concatenate([np.empty(0, np.float32), *dense]))
    return [same, (found[0][fresh], found[1][fresh], found[2][fresh])]
