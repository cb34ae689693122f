"""The audio space: what a recording sounds like, as a unit vector."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from catalogs import made_up_tracks
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from segue.groups import AUDIO_FEATURES
from segue.models.catalog_rows import CatalogRows
from segue.models.spaces.audio import FEATURES, AudioSpace
from segue.models.spaces.autoencoder import LATENT, AutoencoderSpace
from segue.models.spaces.colisten.playlists import Playlists


def place(tracks: pd.DataFrame, playlists: Sequence[NDArray[np.intp]] = ()) -> AudioSpace:
    """Return the audio space of `tracks`."""
    return AudioSpace().fit(CatalogRows(tracks.set_index("track_id")), Playlists.of(playlists, len(tracks)))


def test_rows_are_unit_vectors_of_float32() -> None:
    """Every recording has length 1."""
    vectors = place(made_up_tracks(200)).vectors_
    assert vectors.shape == (200, len(AUDIO_FEATURES))
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_missing_value_counts_as_the_median() -> None:
    """A failed analysis places a recording where one with the median would be: a gap says nothing of its source."""
    missing, median = made_up_tracks(201), made_up_tracks(201)
    missing.loc[0, "energy"] = np.nan
    median.loc[0, "energy"] = missing["energy"].median()
    assert np.array_equal(place(missing).vectors_, place(median).vectors_)


def test_a_feature_that_no_track_has_counts_nothing() -> None:
    """A catalog without time signatures still gets a space."""
    space = place(made_up_tracks(50).assign(time_signature=np.float32("nan"), mode=np.float32(1)))
    assert np.isfinite(space.vectors_).all()
    assert (space.normal_scores_[:, [FEATURES.index("time_signature"), FEATURES.index("mode")]] == 0).all()


def test_one_outlier_moves_nothing() -> None:
    """A song of an hour is the longest, and no more than that."""
    tracks = made_up_tracks(100)
    tracks.loc[7, "duration_ms"] = 1_000_000
    usual = place(tracks).vectors_
    tracks.loc[7, "duration_ms"] = 100_000_000
    assert np.array_equal(place(tracks).vectors_, usual)


@given(st.floats(0.1, 10), st.floats(-5, 5))
def test_units_do_not_matter(scale: float, shift: float) -> None:
    """Only the order of values counts, not what they are measured in."""
    tracks = made_up_tracks(60)
    other = tracks.assign(loudness=(tracks["loudness"].astype("float64") * scale + shift))
    assert np.allclose(place(tracks).vectors_, place(other).vectors_, atol=1e-6)


def test_what_differs_within_artists_counts_less() -> None:
    """Of two features that vary as much, the one that tells artists apart decides who is near."""
    tracks = made_up_tracks(300)
    for name in FEATURES:
        tracks[name] = np.float32(0)
    generator = np.random.default_rng(0)
    tracks["energy"] = np.repeat(generator.normal(size=100), 3)
    tracks["valence"] = generator.normal(size=300)
    tracks["energy"] += generator.normal(0, 0.1, 300)
    space = place(tracks)
    same_artist = (space.vectors_[0::3] * space.vectors_[1::3]).sum(axis=1)
    assert same_artist.mean() > 0.7


def test_what_differs_within_playlists_counts_less_where_there_are_some() -> None:
    """Playlists that keep to one energy make energy decide, whoever the artists are; without two tracks on any, not."""
    tracks = made_up_tracks(300)
    tracks[list(FEATURES)] = np.float32(0)
    generator = np.random.default_rng(0)
    tracks["energy"], tracks["valence"] = generator.normal(size=(2, 300))
    by_energy = np.argsort(tracks["energy"].to_numpy())
    playlists = np.split(by_energy, 30)

    def likeness(space: AudioSpace) -> float:
        return float(np.mean([(space.vectors_[rows[0]] @ space.vectors_[rows].T).mean() for rows in playlists]))

    within_artists, within_playlists = place(tracks), place(tracks, playlists)
    assert likeness(within_playlists) > likeness(within_artists) + 0.2
    assert np.array_equal(place(tracks, [rows[:1] for rows in playlists]).vectors_, within_artists.vectors_)


def test_that_in_which_playlists_differ_counts_most() -> None:
    """Valence varies little more within playlists than energy; but only by energy can they be told apart."""
    tracks = made_up_tracks(603)
    tracks[list(FEATURES)] = np.float32(0)
    generator = np.random.default_rng(0)
    playlists = np.split(np.arange(3, 603), 30)
    tracks["energy"], tracks["valence"] = generator.normal(size=(2, 603))
    tracks.loc[3:, "energy"] += np.repeat(generator.normal(size=30), 20)
    tracks.loc[:2, ["energy", "valence"]] = np.array([[1.4, 1], [1.4, -1], [-1.4, 1]])
    first, same_energy, same_valence = place(tracks, playlists).vectors_[:3]
    assert first @ same_energy > 0.7
    assert first @ same_valence < -0.7


def test_playlists_that_do_not_differ_still_place_recordings() -> None:
    """A single one, or copies of one: there is nothing to tell apart, and yet something within."""
    tracks = made_up_tracks(60)
    for playlists in ([np.arange(40)], [np.arange(60)] * 3):
        lengths = np.linalg.norm(place(tracks, playlists).vectors_, axis=1)
        assert np.allclose(lengths, 1, atol=1e-5)


def test_a_recording_counts_once_for_each_playlist_it_is_on() -> None:
    """Another copy of one playlist changes the space; another copy of all of them does not."""
    tracks = made_up_tracks(60)
    playlists = [np.arange(0, 25), np.arange(20, 60)]
    once = place(tracks, playlists).vectors_
    assert np.allclose(place(tracks, playlists * 2).vectors_, once, atol=1e-5)
    assert not np.allclose(place(tracks, [*playlists, playlists[0]]).vectors_, once, atol=1e-3)


def test_the_autoencoder_squeezes_the_sound_through_its_middle() -> None:
    """Two independent causes of thirteen features are found again in six numbers; noise of thirteen is not."""
    tracks = made_up_tracks(3000)
    causes = np.random.default_rng(0).normal(size=(3000, 2))
    mixing = np.random.default_rng(1).normal(size=(2, len(FEATURES)))
    tracks[list(FEATURES)] = causes @ mixing
    audio = place(tracks)
    space = AutoencoderSpace().fit(audio)
    assert space.vectors_.shape == (3000, LATENT)
    assert np.allclose(np.linalg.norm(space.vectors_, axis=1), 1, atol=1e-5)
    told = space.network_.score(audio.normal_scores_, audio.normal_scores_)
    assert told > 0.8
    assert np.array_equal(AutoencoderSpace().fit(audio).vectors_, space.vectors_)


def test_what_comes_later_is_placed_as_it_would_have_been() -> None:
    """The same features have nearly the same vector, the rarest of a large catalog, too."""
    for n in (300, 5000):
        tracks = made_up_tracks(n)
        space = place(tracks)
        again = space.transform(tracks[list(FEATURES)])
        assert again.dtype == np.float32
        assert (again * space.vectors_).sum(axis=1).min() > 1 - 1e-4
        assert np.allclose(space.normal_scores(tracks), space.normal_scores_, atol=0.02)


def test_what_is_missing_later_counts_as_the_median_then_too() -> None:
    """As it does in training; and what is louder than anything was before counts as the loudest."""
    tracks = made_up_tracks(301)
    space = place(tracks)
    missing = tracks.head(1).assign(energy=np.float32("nan"), loudness=np.float32(40))
    other = tracks.head(1).assign(energy=tracks["energy"].median(), loudness=tracks["loudness"].max())
    assert np.array_equal(space.transform(missing), space.transform(other))
