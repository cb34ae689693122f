"""The nearest recordings by sound, exactly: of every recording, and of one that came later."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from benchmarks.measure import Ratio, compare
from segue.console import note
from segue.models.catalog_rows import CatalogRows
from segue.models.nearest import NearestRows
from segue.models.neighbor_graph import NeighborGraph, nearest_neighbors
from segue.models.spaces.audio import FEATURES, AudioSpace
from segue.models.vectors import Vectors, unit_rows
from segue.settings import load_settings

REAL = "scale_583k_tracks_without_names.parquet"
RECORDINGS = 185_000
# Timed for so many, and multiplied: the alternative takes a quarter of an hour for all.
ROWS_OF_ALTERNATIVE = 2_000
K, NEAREST = 100, 50
LATER = 200
CHECKED = 500
# Of double precision: neighbors that are as near as this are equally near.
TIE = 1e-12
# In the real catalog one recording in seventy sounds exactly like another, a few like dozens.
COPIED = 0.014


def ratios() -> Iterator[Ratio]:
    """Find the nearest of all recordings, and of vectors that none of them has."""
    vectors, later = _real() or _made_up()
    brute = NearestNeighbors(n_neighbors=K + 1, metric="cosine", algorithm="brute").fit(vectors)
    graphs: list[NeighborGraph] = []
    measured = compare(
        f"neighbor graph by sound of {RECORDINGS:,} recordings, k = {K}",
        lambda: graphs.append(nearest_neighbors(vectors, K)),
        "NearestNeighbors, cosine",
        lambda: brute.kneighbors(vectors[:ROWS_OF_ALTERNATIVE]),
        rounds=1,
        floor=8,
        goal=20,
        faster=True,
    )
    yield replace(
        measured,
        theirs=measured.theirs * RECORDINGS / ROWS_OF_ALTERNATIVE,
        note=f"{_recall_of_graph(graphs[0], vectors)}; the alternative timed for {ROWS_OF_ALTERNATIVE:,} of them",
    )
    index = NearestRows(vectors)
    ours, theirs = cycle(later), cycle(later)
    yield compare(
        f"the nearest {NEAREST} of one unseen vector among {RECORDINGS:,}",
        lambda: index.search(next(ours), NEAREST),
        "NearestNeighbors, cosine",
        lambda: brute.kneighbors(next(theirs)[None], NEAREST),
        rounds=LATER,
        clock=time.perf_counter,
        floor=20,
        goal=60,
        faster=True,
        note=f"p50 of {LATER}; {_recall_of_search(index, vectors, later)}",
    )


def _real() -> tuple[Vectors, Vectors] | None:
    """Return vectors of real recordings, and of others; None where there are none at hand."""
    folder = load_settings().data_dir
    if folder is None or not (folder / REAL).exists():
        note(f"SEGUE_DATA_DIR holds no {REAL}: the vectors are made up")
        return None
    tracks = pd.read_parquet(folder / REAL).sample(RECORDINGS + LATER, random_state=0).reset_index(drop=True)
    # Who made them is not told: the genres of their artists stand for these.
    tracks = tracks.assign(artists=tracks["genres"].astype(str))
    seen = tracks.head(RECORDINGS)
    space = AudioSpace().fit(CatalogRows(seen))
    return space.vectors_, space.transform(tracks.tail(LATER))


def _made_up() -> tuple[Vectors, Vectors]:
    """Return vectors that are as uneven as the real ones: some directions vary more, and some recordings are copies."""
    random = np.random.default_rng(0)
    spread = np.linspace(1, 2, len(FEATURES))
    vectors = unit_rows(random.standard_normal((RECORDINGS + LATER, len(FEATURES))) * spread)
    copies = random.choice(RECORDINGS, int(COPIED * RECORDINGS), replace=False)
    vectors[copies] = vectors[random.zipf(1.5, len(copies)) % RECORDINGS]
    return vectors[:RECORDINGS], vectors[RECORDINGS:]


def _recall_of_graph(graph: NeighborGraph, vectors: Vectors) -> str:
    rows = np.linspace(0, len(vectors) - 1, CHECKED).astype(int)
    return _recall([(graph.indices[row], _cosines(vectors, vectors[row], row)) for row in rows])


def _recall_of_search(index: NearestRows, vectors: Vectors, later: Vectors) -> str:
    return _recall([(index.search(one, NEAREST)[0], _cosines(vectors, one)) for one in later])


def _cosines(vectors: Vectors, vector: Vectors, itself: int | None = None) -> NDArray[np.float64]:
    """Return all cosines with a vector in double precision; without the row `itself`, which is no neighbor of its."""
    cosines = vectors.astype(np.float64) @ vector.astype(np.float64)
    if itself is not None:
        cosines[itself] = -np.inf
    return cosines


def _recall(found: list[tuple[NDArray[np.integer], NDArray[np.float64]]]) -> str:
    """Return how many of the nearest are found, those that are as near as the last one counted like it."""
    hits = [
        np.count_nonzero(cosines[np.unique(rows)] >= np.partition(cosines, -len(rows))[-len(rows)] - TIE) / len(rows)
        for rows, cosines in found
    ]
    if min(hits) < 1:
        raise ArithmeticError(f"only {hits.count(1)} of {len(hits)} lists are those of float64 brute force")
    return f"recall {np.mean(hits):.6g} against float64 brute force, of {len(found)} rows"
