"""A small catalog that suits the tastes of the sandbox's listeners."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segue.groups import AUDIO_FEATURES
from segue.sandbox.people import PEOPLE, Person
from segue.sandbox.songs import spotify_id

ARTISTS, SONGS = 15, 8


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
