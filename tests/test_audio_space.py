"""The audio space: what a recording sounds like, as a unit vector."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from catalogs import random_features
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from segue.errors import InputError
from segue.groups import AUDIO_FEATURES
from segue.models.audio import AudioSpace


def test_rows_are_unit_vectors_of_float32() -> None:
    """Every recording of which something is known has length 1."""
    features = random_features(200)
    vectors = AudioSpace().fit(features).transform(features)
    assert vectors.shape == (200, 14)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)


def test_a_missing_value_counts_as_the_median() -> None:
    """A failed analysis is the usual value, a missing key no key, an unknown recording the zero vector."""
    features = random_features(201)
    space = AudioSpace().fit(features)
    usual = features.assign(energy=features["energy"].median())
    features.loc[0, ["energy", "key"]] = np.nan
    features.loc[1, "energy"] = np.nan
    features.loc[2] = np.nan
    vectors = pd.DataFrame(space.transform(features), columns=space.get_feature_names_out())
    assert vectors.loc[0, ["key_cos", "key_sin"]].eq(0).all()
    assert np.linalg.norm(vectors.loc[0]) == pytest.approx(1)
    assert np.allclose(vectors.loc[1], space.transform(usual)[1])
    assert vectors.loc[2].eq(0).all()


def test_a_dataset_that_lacks_a_feature_is_no_place_of_its_own() -> None:
    """Where nearly every bar has four beats, not to know says the same, and not which dataset it came from."""
    features = random_features(200).assign(time_signature=np.float32(4))
    features.loc[:4, "time_signature"] = np.float32(3)
    lacking = features.copy()
    lacking.loc[100:, "time_signature"] = np.nan
    space = AudioSpace().fit(lacking)
    assert np.allclose(space.transform(lacking), space.transform(features))


def test_a_feature_that_no_track_has_counts_nothing() -> None:
    """A catalog without time signatures still gets a space, and one that comes later changes nothing in it."""
    features = random_features(50).assign(time_signature=np.float32("nan"), mode=np.float32(1))
    space = AudioSpace().fit(features)
    assert np.isfinite(space.transform(features)).all()
    later = features.assign(time_signature=np.float32(4), mode=np.float32(0))
    assert np.array_equal(space.transform(later), space.transform(features))


def test_the_key_is_a_circle() -> None:
    """B (11) is as near to C (0) as C is to C sharp (1), and F sharp (6) is the farthest."""
    features = random_features(600)
    space = AudioSpace().fit(features)
    alike = pd.concat([features.iloc[[0]]] * 12, ignore_index=True).assign(key=np.arange(12, dtype="float32"))
    names = list(space.get_feature_names_out())
    lengths = np.linalg.norm(space.transform(alike)[:, [names.index("key_cos"), names.index("key_sin")]], axis=1)
    cosines = space.transform(alike) @ space.transform(alike)[0]
    assert cosines[11] == pytest.approx(cosines[1], abs=0.02)
    assert cosines[1:].argmin() == 5
    assert lengths.max() < 1


def test_an_outlier_does_not_rule_a_feature() -> None:
    """A track of 90 minutes is the longest, not a thousand times as different."""
    features = random_features(200)
    usual = AudioSpace().fit(features).transform(features)
    features.loc[0, "duration_ms"] = 5_237_295
    assert np.abs(AudioSpace().fit(features).transform(features)[1:] - usual[1:]).max() < 0.05


@pytest.mark.parametrize("columns", [list(AUDIO_FEATURES)[::-1], list(AUDIO_FEATURES)[1:], [*AUDIO_FEATURES, "year"]])
def test_other_columns_than_those_of_fitting_are_refused(columns: list[str]) -> None:
    """A changed order would silently compare energy with loudness."""
    features = random_features(20)
    space = AudioSpace().fit(features)
    with pytest.raises(InputError, match="in this order"):
        space.transform(features.reindex(columns=columns))


def test_an_empty_catalog_is_refused() -> None:
    """There is nothing to learn from no tracks."""
    with pytest.raises(InputError, match="no recordings"):
        AudioSpace().fit(random_features(0))


def test_it_must_be_fitted_first() -> None:
    """Transforming needs the catalog's ranks."""
    with pytest.raises(NotFittedError):
        AudioSpace().transform(random_features(5))


@given(st.integers(1, 40), st.integers(0, 5))
def test_a_copy_places_tracks_as_the_original(n: int, seed: int) -> None:
    """Pickled, or cloned and fitted again, the space is the same; a track's place does not hang on its neighbors."""
    features = random_features(n, seed)
    space = AudioSpace().fit(features)
    vectors = space.transform(features)
    assert np.array_equal(pickle.loads(pickle.dumps(space)).transform(features), vectors)  # noqa: S301 - pickled here
    assert np.array_equal(clone(space).fit(features).transform(features), vectors)
    assert np.allclose(space.transform(features.iloc[:1]), vectors[:1])
