"""What the catalog says of each recording, as matrices with a row for each: what the baselines are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.preprocessing import normalize

from segue.models.vectors import unit_rows

Vectors = NDArray[np.float32]
FIRST_YEAR = 1900
YEARS = 150
SAME_ERA = 4.0
GUEST = 0.5


def audio(recordings: pd.DataFrame, names: Sequence[str]) -> Vectors:
    """Return the features `names`, standardized; the median stands for a failed analysis.

    The mean would not do: after standardizing it is a zero, which no analysis yields, and gives away the dataset
    that lacks the feature.
    """
    raw = recordings[list(names)].astype("float64")
    filled = raw.fillna(raw.median()).fillna(0.0).to_numpy()
    scales = filled.std(axis=0)
    standard = (filled - filled.mean(axis=0)) / np.where(scales > 0, scales, 1.0)
    return np.asarray(standard, dtype=np.float32)


def artists(recordings: pd.DataFrame) -> sp.csr_array:
    """Return who made each recording, as unit rows: the first artist counts 1, each other one a half."""
    names = _parts(recordings["artists"])
    first = ~names.index.duplicated()
    return unit(_incidence(names, len(recordings), np.where(first, 1.0, GUEST)))


def genres(recordings: pd.DataFrame) -> sp.csr_array:
    """Return the genres of each recording and, on average, of its artists' recordings, by TF-IDF, as unit rows."""
    labels = pd.concat([column + "/" + _parts(recordings[column]) for column in ("genres", "artist_genres")])
    own = _incidence(labels, len(recordings), np.ones(len(labels)))
    made = artists(recordings)
    labelled = made.T @ (np.diff(own.indptr) > 0).astype(np.float32)
    of_artist = sp.diags_array(1 / np.maximum(labelled, 1)) @ (made.T @ own)
    spread = sp.csr_array(own + made @ of_artist)
    n_known = max(1, int((np.diff(spread.indptr) > 0).sum()))
    frequency = np.maximum(1, np.bincount(spread.indices, minlength=spread.shape[1]))
    return unit(spread @ sp.diags_array(np.log(n_known / frequency).clip(0)))


def eras(recordings: pd.DataFrame) -> Vectors:
    """Return the year of each recording, blurred, as unit rows: zero where it is not known."""
    years = recordings["year"].astype("float64").to_numpy()[:, None]
    blurred = np.exp(-0.5 * ((years - FIRST_YEAR - np.arange(YEARS)) / SAME_ERA) ** 2)
    return np.asarray(normalize(np.nan_to_num(blurred)), dtype=np.float32)


def popularity(recordings: pd.DataFrame) -> Vectors:
    """Return the share of the catalog that is less popular than each recording, 0 to 1; what is unknown comes last."""
    raw = recordings["popularity"].astype("float64").fillna(-1.0)
    return ((raw.rank(method="min") - 1) / max(1, len(raw) - 1)).to_numpy(dtype=np.float32)


def raw_popularity(recordings: pd.DataFrame) -> Vectors:
    """Return Spotify's popularity, 0 to 1, which tells hits apart that are all above the same share; unknown is 0."""
    return (recordings["popularity"].astype("float64").fillna(0.0) / 100).to_numpy(dtype=np.float32)


def cosines(seeds: sp.csr_array, vectors: Vectors | sp.csr_array) -> Vectors:
    """Return the mean cosine of each row of unit `vectors` to the seeds of each query, shape (queries, rows)."""
    if isinstance(vectors, np.ndarray):
        return np.asarray((seeds @ vectors) @ vectors.T, dtype=np.float32)
    return np.ascontiguousarray((vectors @ (seeds @ vectors).T.toarray()).T, dtype=np.float32)


def unit(matrix: sp.csr_array) -> sp.csr_array:
    """Return rows of length 1; zero rows stay zero."""
    # scikit-learn refuses a matrix without rows or columns: a catalog in which nothing has an artist, or a genre.
    return matrix if 0 in matrix.shape else sp.csr_array(unit_rows(matrix))


def _parts(joined: pd.Series) -> pd.Series:
    """Return the parts of each text that ';' joins, indexed by the row they come from."""
    parts = joined.reset_index(drop=True).str.split(";").explode().dropna()
    return parts[parts != ""]


def _incidence(labels: pd.Series, n: int, weights: NDArray[Any]) -> sp.csr_array:
    codes, names = pd.factorize(labels)
    shape = (n, len(names))
    return sp.csr_array((np.asarray(weights, np.float32), (labels.index.to_numpy(), codes)), shape=shape)
