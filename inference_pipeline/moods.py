"""Moods as ranges of audio features, learned from the catalog.

Genre labels such as "sleep" or "party" are examples of a mood, but not to be trusted blindly: in one large dataset
"happy" holds happy hardcore, whose valence is low. So a mood declares which features it is high or low in, and only
labels that agree with that say how high.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from inference_pipeline.filters.base import split_labels
from segue.groups import AUDIO_FEATURES

LEAST_EXAMPLES = 50
EDGE = 0.25
"""The range leaves out this share of the examples: those that are least like the mood."""
CATALOG_EDGE = 0.6
"""The range leaves out at least this share of the catalog."""
HIGH, LOW = 1, -1
Ranges = dict[str, tuple[float, float]]
"""The closed range of each feature."""


@dataclass(frozen=True)
class Mood:
    """A mood.

    Attributes
    ----------
    words : frozenset of str
        Genre labels whose tracks are examples of it.
    directions : mapping of str to int
        The features that make it: `HIGH` or `LOW`.
    """

    words: frozenset[str]
    directions: Mapping[str, int]


MOODS = {
    "focus": Mood(
        frozenset({"study", "focus", "focus beats", "lo-fi beats", "chillhop"}),
        {"instrumentalness": HIGH, "energy": LOW},
    ),
    "calm": Mood(
        frozenset({"sleep", "ambient", "new-age", "calming instrumental", "chill"}),
        {"energy": LOW, "loudness": LOW, "acousticness": HIGH, "tempo": LOW},
    ),
    "happy": Mood(
        frozenset({"happy", "disco", "ska", "samba", "children", "motown"}),
        {"valence": HIGH, "energy": HIGH, "mode": HIGH},
    ),
    "melancholy": Mood(
        frozenset({"sad", "melancholia", "sad rap", "slowcore", "lo-fi emo"}),
        {"valence": LOW, "energy": LOW, "acousticness": HIGH},
    ),
    "workout": Mood(
        frozenset({"work-out", "workout", "gymcore", "edm", "hardstyle"}),
        {"energy": HIGH, "tempo": HIGH, "loudness": HIGH, "acousticness": LOW},
    ),
    "party": Mood(
        frozenset({"party", "club", "dance", "party playlist", "house"}),
        {"danceability": HIGH, "energy": HIGH, "valence": HIGH, "acousticness": LOW},
    ),
}


def learn_ranges(mood: Mood, candidates: pd.DataFrame) -> Ranges:
    """Return the closed range of each feature that makes a mood.

    A high feature begins at the catalog's 60 % quantile, or at the first quartile of the examples where that is higher;
    a low one ends at the catalog's 40 % quantile, or at the third quartile of the examples where that is lower. A word
    counts only if the medians of its tracks are on the right side of the catalog's in every feature, and the examples
    only if there are 50 of them.

    Parameters
    ----------
    mood : Mood
    candidates : DataFrame
        What `inference_pipeline.candidates.describe_candidates` returns: the catalog.
    """
    directions = {name: sign for name, sign in mood.directions.items() if candidates[name].notna().any()}
    # With every feature turned so that the mood is at its high end, all of this is about lower edges.
    turned = candidates[list(directions)].astype("float64") * pd.Series(directions)
    examples = _examples(mood.words, candidates["labels"], turned)
    edges = turned.quantile(CATALOG_EDGE)
    if len(examples) >= LEAST_EXAMPLES:
        edges = edges.combine(examples.quantile(EDGE), max)
    return {name: _range(name, sign, sign * edges[name]) for name, sign in directions.items()}


def _examples(words: frozenset[str], labels: pd.Series, turned: pd.DataFrame) -> pd.DataFrame:
    of_word = pd.Series(split_labels(labels), index=labels.index).map(words.intersection)
    tracks = of_word[of_word.map(bool)].map(sorted).explode()
    medians = turned.loc[tracks.index].groupby(tracks.to_numpy(object)).median()
    trusted = medians.index[(medians >= turned.median()).all(axis=1)]
    return turned.loc[tracks.index[tracks.isin(list(trusted))].unique()]


def _range(name: str, sign: int, edge: float) -> tuple[float, float]:
    bounds = AUDIO_FEATURES[name]
    low, high = bounds.low or 0.0, np.inf if bounds.high is None else bounds.high
    return (float(edge), float(high)) if sign == HIGH else (float(low), float(edge))
