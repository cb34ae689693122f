"""A world in which it is plain what belongs together: two islands of taste."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from catalogs import made_up_tracks, track_id

from segue.groups import AUDIO_FEATURES

ISLAND = 60


def two_islands() -> pd.DataFrame:
    """Return tracks of two islands of taste: other artists, genres, years and sounds."""
    tracks = made_up_tracks(2 * ISLAND)
    south = np.arange(len(tracks)) >= ISLAND
    for name in AUDIO_FEATURES:
        tracks[name] = np.float32(0.5) if name not in {"energy", "acousticness"} else tracks[name] * 0.01
    tracks["energy"] += np.where(south, 0.9, 0.0).astype("float32")
    tracks["acousticness"] += np.where(south, 0.0, 0.9).astype("float32")
    tracks[["tempo", "duration_ms", "time_signature"]] = np.float32([120, 200_000, 4])
    tracks["artists"] = [f"Artist {number // 20}" for number in range(len(tracks))]
    tracks["genres"] = np.where(south, "cumbia", "polka")
    tracks["year"] = np.where(south, 1975, 2015)
    tracks["popularity_percentile"] = (tracks["popularity"] / 101).astype("float32")
    return tracks


def checkerboard() -> pd.DataFrame:
    """Return tracks of which the catalog says nothing that tells even from odd ones."""
    tracks = made_up_tracks(80)
    tracks["artists"] = [f"Artist {number // 4}" for number in range(len(tracks))]
    return tracks.assign(genres="pop", year=2000, popularity=50, popularity_percentile=np.float32(0.5))


def listed(source: str, playlists: dict[str, Sequence[int]]) -> pd.DataFrame:
    """Return playlists as rows of their feature group."""
    rows = [
        {"playlist_id": f"{source}:{name}", "track_id": track_id(number), "position": position, "source": source}
        for name, numbers in playlists.items()
        for position, number in enumerate(numbers)
    ]
    return pd.DataFrame(rows)


def some_playlists(count: int, length: int, seed: int) -> dict[str, list[int]]:
    """Return playlists that each stay on one island."""
    generator = np.random.default_rng(seed)
    return {
        f"p{number}": sorted((generator.permutation(ISLAND)[:length] + ISLAND * (number % 2)).tolist())
        for number in range(count)
    }
