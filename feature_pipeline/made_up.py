"""A small catalog that nobody recorded, for a first run with no network and no data."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from feature_pipeline.made_up_genres import GENRES, HIGHS, LOWS, NEIGHBORS, SPREADS, TRAITS
from feature_pipeline.made_up_names import make_bands, make_titles
from segue.groups import PLAYLIST_TRACKS, TRACKS
from segue.links import MADE_UP
from segue.recordings import recording_keys

SEED = 280_000

BANDS, SONGS, REMASTERS, PLAYLISTS = 204, 1_488, 12, 120
ALBUMS_OF_A_BAND = 3
LABELED_TWICE, EXPLICIT = 0.3, 0.4
"""Shares of the songs that carry the neighboring genre's label too; of those, in rude genres, with rude lyrics."""
OLD = 2010
"""Songs from before may be remastered."""

Integers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]


def made_up_catalog() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return invented tracks and playlists, the same ones each time.

    Each of the twelve genres has audio features, popularity and years of its own, and each band keeps to a sound within
    its genre. A few recordings have a second id, a remaster. Playlists keep to a genre, stray into its neighbor, and
    prefer some of the bands and what is popular.

    Returns
    -------
    tracks : DataFrame, 1,500 rows
        As `TRACKS` describes; every id begins with ``madeup``.
    playlists : DataFrame
        As `PLAYLIST_TRACKS` describes; 120 playlists.
    """
    rng = np.random.default_rng(SEED)
    tastes = rng.uniform(-1, 1, BANDS)
    bands = np.sort(rng.integers(0, BANDS, SONGS))
    songs = _songs(rng, bands)
    playlists = _playlists(rng, songs, tastes[bands])
    tracks = pd.concat([songs, _remasters(rng, songs)], ignore_index=True)
    tracks["track_id"] = [_track_id(number) for number in range(len(tracks))]
    tracks["recording_id"] = _recordings(tracks)
    tracks["popularity_percentile"] = (tracks["popularity"].rank(method="min") - 1) / len(tracks)
    return TRACKS.cast(tracks), PLAYLIST_TRACKS.cast(playlists)


def _songs(rng: np.random.Generator, bands: Integers) -> pd.DataFrame:
    genres = np.array(list(GENRES))[np.arange(BANDS) % len(GENRES)]
    albums = bands * ALBUMS_OF_A_BAND + rng.integers(0, ALBUMS_OF_A_BAND, SONGS)
    traits = _traits(rng, genres, bands, albums)
    crossing = rng.random(SONGS) < LABELED_TWICE
    explicit = np.isin(genres, ["hip-hop", "metal", "punk-rock"])[bands] & (rng.random(SONGS) < EXPLICIT)
    return pd.DataFrame(
        {
            **traits,
            "mode": (rng.random(SONGS) < traits["mode"]).astype(float),
            "key": rng.integers(0, 12, SONGS),
            "time_signature": rng.choice([4, 3, 5], SONGS, p=[0.92, 0.07, 0.01]),
            "popularity": traits["popularity"].round(),
            "year": traits["year"].round(),
            "title": make_titles(rng, SONGS),
            "artists": np.array(make_bands(rng, BANDS))[bands],
            "album": np.array(make_titles(rng, BANDS * ALBUMS_OF_A_BAND))[albums],
            "genres": [_labels(genre, crosses) for genre, crosses in zip(genres[bands], crossing, strict=True)],
            "artist_genres": genres[bands],
            "isrc": None,
            "explicit": explicit,
            "source": MADE_UP,
        }
    )


def _traits(
    rng: np.random.Generator, genres: npt.NDArray[np.str_], bands: Integers, albums: Integers
) -> dict[str, Reals]:
    """Return the typical values of each song's genre, moved by its band's ways and its own; the year by its album."""
    typical, spreads = np.array([GENRES[genre] for genre in genres]), np.array(SPREADS)
    ways = typical + rng.normal(0, 0.7, typical.shape) * spreads
    values = ways[bands] + rng.normal(0, 0.6, (SONGS, len(TRAITS))) * spreads
    released = ways[:, -1:] + np.sort(rng.uniform(0, 12, (BANDS, ALBUMS_OF_A_BAND)))
    values[:, -1] = released.ravel()[albums]
    return dict(zip(TRAITS, np.clip(values, LOWS, HIGHS).T, strict=True))


def _labels(genre: str, crosses: bool) -> str:
    return f"{genre};{NEIGHBORS[genre]}" if crosses else genre


def _remasters(rng: np.random.Generator, songs: pd.DataFrame) -> pd.DataFrame:
    old = songs[songs["year"] < OLD]
    chosen = old.iloc[np.sort(rng.permutation(len(old))[:REMASTERS])]
    return chosen.assign(
        title=chosen["title"] + " - Remastered 2021",
        album=chosen["album"] + " (Deluxe Edition)",
        year=2021,
        loudness=(chosen["loudness"] + 1.5).clip(upper=-0.5),
        popularity=(chosen["popularity"] // 2),
    )


def _recordings(tracks: pd.DataFrame) -> pd.Series:
    keys = recording_keys(*(pa.array(tracks[name], pa.string()) for name in ("title", "artists"))).to_pylist()
    return tracks.groupby(keys)["track_id"].transform("first")


def _playlists(rng: np.random.Generator, songs: pd.DataFrame, tastes: Reals) -> pd.DataFrame:
    genres = songs["artist_genres"].to_numpy(dtype=str)
    popularity = songs["popularity"].to_numpy() / 100
    rows: list[tuple[str, str, int]] = []
    for number in range(PLAYLISTS):
        liking = np.exp(-6 * abs(tastes - rng.uniform(-1, 1)))
        chosen = _draw(rng, _affinity(list(GENRES)[number % len(GENRES)], genres) * popularity * liking)
        rows += [(f"{MADE_UP}:{number}", _track_id(song), place) for place, song in enumerate(chosen)]
    return pd.DataFrame(rows, columns=["playlist_id", "track_id", "position"]).assign(source=MADE_UP)


def _affinity(genre: str, genres: npt.NDArray[np.str_]) -> Reals:
    return np.where(genres == genre, 1, np.where(genres == NEIGHBORS[genre], 0.15, 0.003))


def _draw(rng: np.random.Generator, weights: Reals) -> Integers:
    return rng.choice(len(weights), rng.integers(15, 60), replace=False, p=weights / weights.sum())


def _track_id(number: int) -> str:
    return f"madeup{number:016d}"
