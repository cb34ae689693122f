"""The catalog that ships with the package: invented, always the same, and shaped like real listening."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pyarrow as pa
import pytest

from feature_pipeline.made_up import made_up_catalog
from segue.groups import AUDIO_FEATURES, PLAYLIST_TRACKS, TRACKS
from segue.recordings import recording_keys

GENRES = {
    "indie", "folk", "hip-hop", "metal", "jazz", "classical", "electronic", "techno", "latin", "k-pop", "soul",
    "punk-rock",
}  # fmt: skip


@pytest.fixture(scope="module")
def tracks() -> pd.DataFrame:
    """Return the invented tracks."""
    return made_up_catalog()[0]


@pytest.fixture(scope="module")
def playlists() -> pd.DataFrame:
    """Return the invented playlists."""
    return made_up_catalog()[1]


def test_fits_the_feature_groups(tracks: pd.DataFrame, playlists: pd.DataFrame) -> None:
    """Stores accept both frames as they are."""
    pd.testing.assert_frame_equal(TRACKS.validate(tracks), tracks)
    pd.testing.assert_frame_equal(PLAYLIST_TRACKS.validate(playlists), playlists)


def test_is_the_same_each_time(tracks: pd.DataFrame, playlists: pd.DataFrame) -> None:
    """A first run can be repeated."""
    again = made_up_catalog()
    pd.testing.assert_frame_equal(again[0], tracks)
    pd.testing.assert_frame_equal(again[1], playlists)


def test_is_of_a_useful_size(tracks: pd.DataFrame, playlists: pd.DataFrame) -> None:
    """Large enough to recommend from, small enough to make at once."""
    assert len(tracks) == 1500
    assert 190 <= tracks["artists"].nunique() <= 210
    assert set(tracks["artist_genres"]) == GENRES
    assert tracks["artist_genres"].value_counts().min() >= 80
    assert playlists["playlist_id"].nunique() == 120
    assert playlists.groupby("playlist_id").size().between(15, 60).all()


def test_nobody_can_take_it_for_real(tracks: pd.DataFrame, playlists: pd.DataFrame) -> None:
    """Ids and source say that it is made up."""
    assert tracks["track_id"].str.startswith("madeup").all()
    assert set(tracks["source"]) == set(playlists["source"]) == {"made-up"}
    assert playlists["playlist_id"].str.startswith("made-up:").all()


def test_recordings_are_those_of_their_names(tracks: pd.DataFrame) -> None:
    """Two ids are one recording exactly if their titles and artists say so; a few are, as remasters."""
    keys = recording_keys(*(pa.array(tracks[name], pa.string()) for name in ("title", "artists"))).to_pylist()
    pairs = set(zip(keys, tracks["recording_id"], strict=True))
    assert len(pairs) == len(set(keys)) == tracks["recording_id"].nunique() == len(tracks) - 12
    assert set(tracks["recording_id"]) <= set(tracks["track_id"])


def test_names_are_complete_and_hardly_repeat(tracks: pd.DataFrame) -> None:
    """Every track has what a real one has, but an ISRC."""
    complete = tracks.drop(columns=["isrc"])
    assert complete.notna().all(axis=None)
    assert tracks["title"].is_unique


def test_genres_differ_by_ear(tracks: pd.DataFrame) -> None:
    """A genre's usual sound is its own: the nearest average is the right genre far more often than by chance."""
    features = tracks[[name for name in AUDIO_FEATURES if name not in {"key", "mode", "time_signature"}]].astype(float)
    scaled = (features - features.mean()) / features.std()
    centers = scaled.groupby(tracks["artist_genres"].to_numpy()).mean()
    distances = pd.DataFrame({genre: ((scaled - center) ** 2).sum(axis=1) for genre, center in centers.iterrows()})
    right = distances.idxmin(axis=1).to_numpy() == tracks["artist_genres"].to_numpy()
    assert 0.4 < right.mean() < 0.95


def test_playlists_keep_to_genres(tracks: pd.DataFrame, playlists: pd.DataFrame) -> None:
    """Most of a playlist is of one genre, and some of it is not."""
    genres = playlists.merge(tracks, on="track_id").groupby("playlist_id")["artist_genres"]
    shares = genres.agg(lambda labels: labels.value_counts(normalize=True).iloc[0])
    assert 0.7 < shares.mean() < 0.95


def test_playlists_prefer_bands(tracks: pd.DataFrame, playlists: pd.DataFrame) -> None:
    """They hold fewer bands than as many songs drawn at random from the same genres would."""
    rows = playlists.merge(tracks, on="track_id")
    drawn = rows.assign(artists=rows.groupby("artist_genres")["artists"].transform(_redrawn_from(tracks)))
    there, by_chance = (frame.groupby("playlist_id")["artists"].nunique().mean() for frame in (rows, drawn))
    assert there < 0.9 * by_chance


def _redrawn_from(tracks: pd.DataFrame) -> Callable[[pd.Series], list[str]]:
    def redraw(bands: pd.Series) -> list[str]:
        genre = tracks[tracks["artist_genres"] == bands.name]["artists"]
        return genre.sample(len(bands), replace=True, random_state=0).tolist()

    return redraw


def test_playlists_hold_no_recording_twice_and_no_gap(tracks: pd.DataFrame, playlists: pd.DataFrame) -> None:
    """As the real ones do, after they were read."""
    recordings = playlists.merge(tracks, on="track_id")[["playlist_id", "recording_id"]]
    assert not recordings.duplicated().any()
    for _, positions in playlists.groupby("playlist_id")["position"]:
        assert positions.tolist() == list(range(len(positions)))
