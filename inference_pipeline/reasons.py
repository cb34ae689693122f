"""Why a recording is recommended, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from segue.models.catalog import Catalog
from segue.models.ranking import Query, Ranking
from segue.models.space_model import SpaceModel

MOST_SEEDS = 3
MOST_FEATURES = 2
NONE = -1
FEATURE_WORDS = {"duration_ms": "length", "time_signature": "time signature"}
FEATURING = r"\s*[(\[](?:feat\.|ft\.|featuring|with) [^)\]]*[)\]]"
UNLIKE = "Unlike what was disliked"


@dataclass(frozen=True)
class Evidence:
    """What speaks for each recording of a ranking; `NONE` fills what is missing.

    Attributes
    ----------
    seeds : ndarray of int, shape (n, 3)
        Rows of the seeds with the largest terms of the sum, the largest first; only those that raise it.
    features : ndarray of int, shape (n, 2)
        Positions, among the features of the space, of those with the largest share of the similarity to these seeds.
    """

    seeds: NDArray[np.intp]
    features: NDArray[np.intp]


def labels(catalog: Catalog, recording_ids: pd.Index[str]) -> list[str]:
    """Return what each recording is called: ``title by first artist``, or its id where it has no title."""
    named = catalog.recordings.reindex(recording_ids)
    titles = named["title"].str.replace(FEATURING, "", regex=True)
    text = titles.str.cat(" by " + named["artists"].str.partition(";")[0], na_rep="")
    return text.where(named["title"].notna(), recording_ids.to_series()).to_list()


def find_evidence(model: SpaceModel, query: Query, ranking: Ranking) -> Evidence:
    """Find the seeds with the largest terms, and the features that agree most with them."""
    vectors = model.vectors[ranking.rows]
    terms = ranking.regressor.contributions(vectors)
    columns = _largest(terms, MOST_SEEDS)
    raises = np.take_along_axis(terms, columns, axis=1) > 0
    named = query.seeds[columns]
    # A feature's share of a cosine is the product of the two values; the coordinates of the key count together.
    shares = vectors * np.einsum("nsd,ns->nd", model.vectors[named], raises.astype(np.float32))
    by_feature = shares @ _coordinates_to_features(model)
    features = _largest(by_feature, MOST_FEATURES)
    agrees = np.take_along_axis(by_feature, features, axis=1) > 0
    return Evidence(np.where(raises, named, NONE), np.where(agrees, features, NONE))


def phrase(model: SpaceModel, catalog: Catalog, evidence: Sequence[Evidence]) -> pa.Array:
    """Put the evidence for one or more rankings into words: one text for each recording."""
    seeds = np.concatenate([_padded(found.seeds) for found in evidence])
    features = np.concatenate([found.features for found in evidence])
    words = pa.array([FEATURE_WORDS.get(name, name) for name in model.space.feature_names_in_], pa.string())
    named, positions = np.unique(seeds, return_inverse=True)
    names = pa.array(labels(catalog, model.track_ids[named]), pa.string())
    songs = _enumerate(names, np.where(seeds == NONE, NONE, positions.reshape(seeds.shape)))
    alike = pc.fill_null(pc.binary_join_element_wise(": similar ", _enumerate(words, features), ""), "")
    sentence = pc.binary_join_element_wise("Close in sound to ", songs, "")
    return pc.fill_null(pc.binary_join_element_wise(sentence, alike, ""), UNLIKE)


def _enumerate(names: pa.Array, positions: NDArray[np.intp]) -> pa.Array:
    """Return "a", "a and b" or "a, b and c" for each row; null where its first position is `NONE`."""
    columns = [names.take(pa.array(column, mask=column == NONE)) for column in positions.T]
    text = columns[0]
    for position, following in enumerate(columns[1:], start=1):
        last = pd.Series(positions[:, position + 1 :].max(axis=1, initial=NONE) == NONE)
        separator = pc.if_else(pa.array(last), " and ", ", ")
        text = pc.coalesce(pc.binary_join_element_wise(text, following, separator), text)
    return text


def _padded(seeds: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return three columns where a query has fewer seeds."""
    return np.pad(seeds, ((0, 0), (0, MOST_SEEDS - seeds.shape[1])), constant_values=NONE)


def _largest(values: NDArray[Any], most: int) -> NDArray[np.intp]:
    """Return the columns of the `most` largest values of each row, the largest first; fewer columns stay fewer."""
    most = min(most, values.shape[1])
    found = np.argpartition(-values, most - 1, axis=1)[:, :most]
    order = np.argsort(-np.take_along_axis(values, found, axis=1), axis=1, kind="stable")
    return np.take_along_axis(found, order, axis=1)


def _coordinates_to_features(model: SpaceModel) -> NDArray[np.float32]:
    features = list(model.space.feature_names_in_)
    belongs = np.zeros((model.vectors.shape[1], len(features)), np.float32)
    for coordinate, name in enumerate(model.space.get_feature_names_out()):
        belongs[coordinate, features.index("key" if name.startswith("key_") else name)] = 1
    return belongs
