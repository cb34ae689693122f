"""The audio space: what a recording sounds like, as a unit vector."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.preprocessing import QuantileTransformer, normalize
from sklearn.utils.validation import check_is_fitted

from segue.errors import InputError
from segue.groups import AUDIO_FEATURES

FEATURES = tuple(AUDIO_FEATURES)
RANKED = tuple(name for name in FEATURES if name != "key")
MAX_QUANTILES = 1000
SEMITONES = 12


class AudioSpace(TransformerMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """Scale the 13 audio features so that the cosine of two rows says how alike two recordings sound.

    Every feature but the key is replaced by its rank in the catalog: that spreads the skewed ones (speech,
    instrumentals, liveness, length) and leaves no outliers; then it is standardized. The key is a place on a circle,
    where B is next to C, and its two coordinates together weigh as much as one other feature. A missing feature counts
    as the catalog's median, a missing key as the center of the circle: a dataset that lacks a feature, as TidyTuesday
    lacks the time signature, must not become a place of its own. Rows have unit length, but for a recording of which
    nothing is known: that is the zero vector.

    Attributes
    ----------
    feature_names_in_ : ndarray of str, shape (13,)
        The features in the order of fitting; `transform` accepts no other.
    medians_ : Series
        Of every feature but the key; 0 for one that no track has.
    quantiles_ : QuantileTransformer
        The ranks in the catalog.
    means_, scales_ : ndarray, shape (14,)
        Of each coordinate before standardizing; the scale of one that does not vary is infinite.
    """

    def fit(self, X: pd.DataFrame, y: object = None) -> AudioSpace:  # noqa: N803, ARG002 - scikit-learn's names
        """Learn ranks, means and scales.

        Parameters
        ----------
        X : DataFrame
            One row for each recording, with the columns `FEATURES` in that order.
        y : ignored

        Raises
        ------
        InputError
            If there is no row, or the columns are not `FEATURES` in that order.
        """
        _check(X, FEATURES)
        if X.empty:
            raise InputError("there are no recordings to learn the audio space from: run `segue features` first")
        self.feature_names_in_ = np.array(FEATURES, dtype=object)
        numbers = X.astype("float64")
        self.medians_ = numbers[list(RANKED)].median().fillna(0.0)
        self.quantiles_ = QuantileTransformer(
            n_quantiles=min(MAX_QUANTILES, len(X)), subsample=None, random_state=0
        ).fit(numbers[list(RANKED)].fillna(self.medians_).to_numpy())
        coordinates = self._coordinates(numbers)
        self.means_ = coordinates.mean().fillna(0).to_numpy()
        self.scales_ = _scales(coordinates)
        return self

    def transform(self, X: pd.DataFrame) -> NDArray[np.float32]:  # noqa: N803 - scikit-learn's name
        """Return a vector for each row.

        Returns
        -------
        ndarray of float32, shape (n, 14)
            Unit rows; `get_feature_names_out` names the coordinates.

        Raises
        ------
        InputError
            If the columns are not those of fitting, in that order.
        """
        check_is_fitted(self)
        _check(X, tuple(self.feature_names_in_))
        standard = (self._coordinates(X.astype("float64")).to_numpy() - self.means_) / self.scales_
        standard[X.isna().all(axis=1).to_numpy()] = 0
        return np.asarray(normalize(np.nan_to_num(standard)), dtype=np.float32)

    def get_feature_names_out(self, input_features: object = None) -> NDArray[Any]:  # noqa: ARG002 - scikit-learn's
        """Return the name of each coordinate; those of the key share its name as a prefix."""
        return np.array([*RANKED, "key_cos", "key_sin"], dtype=object)

    def _coordinates(self, numbers: pd.DataFrame) -> pd.DataFrame:
        ranks = self.quantiles_.transform(numbers[list(RANKED)].fillna(self.medians_).to_numpy())
        angle = numbers["key"].to_numpy() * (2 * np.pi / SEMITONES)
        circle = np.column_stack([np.cos(angle), np.sin(angle)])
        return pd.DataFrame(np.hstack([ranks, circle]), columns=self.get_feature_names_out())


def _scales(coordinates: pd.DataFrame) -> NDArray[np.float64]:
    deviations = coordinates.std(ddof=0)
    # A circle of radius 1 has a total variance of 1 already: scaling each of its coordinates would count the key twice.
    deviations[["key_cos", "key_sin"]] = np.where(deviations[["key_cos", "key_sin"]] > 0, 1.0, 0.0)
    return deviations.mask(deviations < np.finfo(np.float32).eps, np.inf).fillna(np.inf).to_numpy()


def _check(frame: pd.DataFrame, expected: tuple[str, ...]) -> None:
    found = tuple(map(str, getattr(frame, "columns", ())))
    if found != expected:
        raise InputError(f"the audio space needs the columns {', '.join(expected)} in this order, not {list(found)}")
