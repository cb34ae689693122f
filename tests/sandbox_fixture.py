"""A small catalog, and the real sandbox serving it on a free port.

A test module asks for these with ``pytest_plugins = ("sandbox_fixture",)``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from sandbox_api import Api

from segue.groups import AUDIO_FEATURES, TRACKS
from segue.runs import recorded_run
from segue.sandbox.connect import connect_people
from segue.sandbox.people import PEOPLE, Person
from segue.sandbox.server import Sandbox, serving
from segue.sandbox.songs import spotify_id
from segue.settings import load_settings
from segue.store import FeatureStore

ARTISTS, SONGS = 15, 8


@pytest.fixture(scope="module")
def openapi_text() -> str:
    """Return Spotify's OpenAPI description of the Web API, where there is one."""
    data = Path(os.environ.get("SEGUE_DATA_DIR") or ROOT.parent / "shared" / "data")
    path = data.parent / "reference" / "spotify-openapi.yml"
    if not path.is_file():
        pytest.skip(f"no OpenAPI description of the Web API at {path}")
    return path.read_text(encoding="utf-8")


def small_catalog() -> pd.DataFrame:
    """Return 840 tracks: for each made-up listener's favorite genre 15 artists with 8 songs each, half with an ISRC."""
    random = np.random.default_rng(7)
    frame = pd.DataFrame(
        [_named(person, artist, song) for person in PEOPLE for artist in range(ARTISTS) for song in range(SONGS)]
    )
    number = pd.Series(range(len(frame)))
    frame["popularity"] = number * 37 % 101
    frame["popularity_percentile"] = frame["popularity"].rank(pct=True)
    frame["isrc"] = [f"QZSEG26{n:05}" if n % 2 else None for n in number]
    frame["explicit"] = number % 5 == 0
    for name, column in AUDIO_FEATURES.items():
        low, high = column.low or 0, min(column.high or 400_000, 400_000)
        of_genre = frame["genres"].map({genre: random.uniform(0.2, 0.8) for genre in frame["genres"].unique()})
        frame[name] = low + (high - low) * (of_genre + random.normal(0, 0.1, len(frame))).clip(0.001, 1)
    return frame.assign(artist_genres=None, source="made up")


def _named(person: Person, artist: int, song: int) -> dict[str, object]:
    genre = next(iter(person.taste.genres))
    title = f"{genre.title()} Tune {artist}-{song}"
    first, last = person.taste.years
    return {
        "track_id": spotify_id(title),
        "recording_id": spotify_id(title),
        "title": title,
        "artists": f"{genre.title()} Band {artist}",
        "album": f"{genre.title()} Songs, Volume {artist}",
        "year": first + (artist * SONGS + song) % (last - first + 1),
        "genres": genre,
    }


@pytest.fixture
def catalog(store: FeatureStore) -> pd.DataFrame:
    """Return the small catalog, which is in the store."""
    tracks = small_catalog()
    with recorded_run(store, "features"):
        store.replace(TRACKS, tracks)
    return tracks


@pytest.fixture
def sandbox(store: FeatureStore) -> Iterator[Sandbox]:  # noqa: ARG001 - the sandbox reads the store of the test
    """Serve the sandbox, with nobody connected."""
    with serving(load_settings()) as running:
        yield running


@pytest.fixture
def connected(store: FeatureStore, catalog: pd.DataFrame, sandbox: Sandbox) -> Sandbox:  # noqa: ARG001 - the tastes
    """Serve the sandbox over the small catalog, with every made-up listener connected."""
    connect_people(store, sandbox.settings)
    return sandbox


@pytest.fixture
def api(sandbox: Sandbox, catalog: pd.DataFrame) -> Api:
    """Return Juniper's access to a sandbox with music."""
    assert len(catalog)
    return Api(sandbox)
