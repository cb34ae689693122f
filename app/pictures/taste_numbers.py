"""The taste of a listener in numbers: where in the catalog their tracks are, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.pictures.tracks import genre_name
from inference_pipeline.filters.base import split_labels
from inference_pipeline.library import Library
from inference_pipeline.sound import LEAST
from segue.groups import GRADUAL_FEATURES

QUARTERS = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Spread:
    """Where the tracks are among the recordings of the catalog, as shares of it, 0 to 1.

    Attributes
    ----------
    low, middle, high : float
        Weighted quartiles.
    notable : bool
        Whether the middle is outside of the catalog's middle half, and the word for it is true.
    """

    low: float
    middle: float
    high: float
    notable: bool


@dataclass(frozen=True)
class Taste:
    """What a set of tracks is like.

    Attributes
    ----------
    n : int
        How many of them the catalog knows.
    sound : mapping of str to Spread
        By feature; only those that are known of any track.
    genres, decades : mapping
        The share of the weight that has each genre, the largest first, and that is of each decade, in order.
    """

    n: int
    sound: Mapping[str, Spread]
    genres: Mapping[str, float]
    decades: Mapping[int, float]

    @classmethod
    def of(cls, library: Library, preferences: Mapping[str, float]) -> Taste:
        """Describe the tracks that are preferred to any degree; the more, the more they count.

        Parameters
        ----------
        library : Library
        preferences : mapping of str to float
            By track_id; what is not positive or not in the catalog does not count.
        """
        liked = pd.Series(preferences, dtype="float64").loc[lambda values: values > 0]
        recordings = library.catalog.recordings_of([*liked.index])
        weights = liked.set_axis(recordings.to_numpy(object)).groupby(level=0).sum()
        rows = library.model.rows(weights.index)
        known = rows >= 0
        tracks, shares = library.candidates.iloc[rows[known]], np.asarray(weights, np.float64)[known]
        return cls(
            len(tracks),
            {
                name: _spread(library.candidates[name], tracks[name], shares, LEAST.get(name, -np.inf))
                for name in GRADUAL_FEATURES
                if tracks[name].notna().any()
            },
            genre_shares(tracks, shares),
            _decades(tracks["year"], shares),
        )


def percentiles(catalog: pd.Series, values: pd.Series) -> NDArray[np.float64]:
    """Return the share of the catalog below each value; of those that are equal, half."""
    ordered = np.sort(catalog.dropna().to_numpy("float64"))
    wanted = values.to_numpy("float64")
    between = np.searchsorted(ordered, wanted, "left") + np.searchsorted(ordered, wanted, "right")
    return np.asarray(np.where(np.isnan(wanted), np.nan, between / (2 * max(1, len(ordered)))))


def genre_shares(tracks: pd.DataFrame, weights: NDArray[np.float64]) -> dict[str, float]:
    """Return the share of the weight of the labelled tracks that has each label, the largest first."""
    named = [{genre_name(label) for label in own} for own in split_labels(tracks["labels"])]
    labelled = sum(weight for own, weight in zip(named, weights, strict=True) if own)
    exploded = pd.Series([sorted(own) for own in named]).explode().dropna()
    totals = pd.Series(weights).reindex(exploded.index).groupby(exploded.to_numpy(object)).sum()
    return dict((totals / labelled).sort_values(ascending=False, kind="stable")) if labelled else {}


def _spread(catalog: pd.Series, values: pd.Series, weights: NDArray[np.float64], least: float) -> Spread:
    known = values.notna().to_numpy()
    values, weights = values[known].astype("float64"), weights[known]
    order = np.argsort(values.to_numpy(), kind="stable")
    reached = (np.cumsum(weights[order]) - weights[order] / 2) / weights.sum()
    low, middle, high = np.interp(QUARTERS, reached, percentiles(catalog, values)[order]).tolist()
    true = middle < QUARTERS[0] or float(np.interp(0.5, reached, values.to_numpy()[order])) > least
    return Spread(low, middle, high, notable=true and not QUARTERS[0] <= middle <= QUARTERS[2])


def _decades(years: pd.Series, weights: NDArray[np.float64]) -> dict[int, float]:
    known = years.notna().to_numpy()
    decades = (years[known].to_numpy("int64") // 10) * 10
    totals = pd.Series(weights[known]).groupby(decades).sum()
    return dict(zip(totals.index.tolist(), (totals / totals.sum()).tolist(), strict=True))
