"""The genre space: what a recording, and its artists' other recordings, are labelled with."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from segue.models.catalog_rows import CatalogRows, flatten, split_names
from segue.models.spaces.cosine import SharedSpace
from segue.models.vectors import Sparse, distinct_rows, incidence, unit_rows

COLUMNS = ("genres", "artist_genres")


class GenreSpace(SharedSpace):
    """TF-IDF of labels and artist genres: the recording's own, and the mean of its artists' labelled recordings."""

    def fit(self, recordings: CatalogRows) -> GenreSpace:
        """Place the recordings by their genres."""
        counts = genre_counts(recordings)
        first, places = distinct_rows(counts)
        self.place_at(unit_rows(counts[first]), places)
        return self


def genre_counts(recordings: CatalogRows) -> Sparse:
    """Return the weight of each genre for each recording, shape (n, genres): counts by inverse document frequency."""
    own = sp.hstack([_labels(recordings, column) for column in COLUMNS]).tocsr()
    credited = recordings.credits
    labelled = credited.T @ (np.diff(own.indptr) > 0).astype(np.float32)
    by_artist = sp.diags_array(1 / np.maximum(labelled, 1)) @ (credited.T @ own)
    spread = sp.csr_array(own + credited @ by_artist)
    known = np.count_nonzero(np.diff(spread.indptr))
    frequency = np.maximum(np.bincount(spread.indices, minlength=spread.shape[1]), 1)
    rarity = np.log(max(known, 1) / frequency).clip(0)
    return sp.csr_array(spread @ sp.diags_array(rarity)).astype(np.float32)


def _labels(recordings: CatalogRows, column: str) -> Sparse:
    rows, codes, _ = flatten(split_names(recordings.frame[column]))
    return incidence(rows, codes, len(recordings))
