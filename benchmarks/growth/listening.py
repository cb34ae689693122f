"""Made-up listeners, who play what real public playlists hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np
import pandas as pd

from segue.groups import LISTENERS, LISTENS
from segue.models.catalog import Catalog
from segue.spotify.retention import TIME_TO_LIVE
from training_pipeline.holdout import Rows

SOURCES = ("short_term", "medium_term", "long_term", "recently_played")
A_SOURCE = 25
PLAYED = len(SOURCES) * A_SOURCE
"""Tracks of each listener, at most: those of as many public playlists, drawn at random, as it takes."""
AT_ONCE = 1_000


def name_of(number: int) -> str:
    """Return the id of a listener."""
    return f"listener{number:014d}"


def in_buckets(count: int) -> Iterator[range]:
    """Yield the numbers of `count` listeners, a bucket of them at a time."""
    yield from (range(start, min(start + AT_ONCE, count)) for start in range(0, count, AT_ONCE))


def listens_of(numbers: range, playlists: Sequence[Rows], catalog: Catalog, now: datetime) -> pd.DataFrame:
    """Return the rows of the group `listens` of some listeners: the same ones whoever else is asked for."""
    played = [_played(number, playlists) for number in numbers]
    lengths = [len(rows) for rows in played]
    places = np.concatenate([np.arange(length) for length in lengths])
    tracks = catalog.recordings.iloc[np.concatenate(played)]
    ids = tracks.index.to_numpy()
    rows = {
        "listener_id": np.repeat([name_of(number) for number in numbers], lengths),
        "source": np.array(SOURCES)[places % len(SOURCES)],
        "track_id": ids,
        "rank": 1 + places // len(SOURCES),
        "title": tracks["title"].fillna(tracks.index.to_series()).to_numpy(),
        "artists": tracks["artists"].fillna("").to_numpy(),
        "matched_track_id": ids,
        "matched_by": "id",
        "fetched_at": now,
        "expires_at": now + TIME_TO_LIVE,
    }
    return LISTENS.cast(pd.DataFrame(rows))


def listeners_of(numbers: range, service: str, now: datetime) -> pd.DataFrame:
    """Return the rows of the group `listeners`."""
    rows = {
        "listener_id": [name_of(number) for number in numbers],
        "service": service,
        "display_name": None,
        "token": None,
        "scopes": "",
        "consented_at": now,
        "status": "connected",
        "coverage": None,
        "playlists": "{}",
        "settings": None,
    }
    return LISTENERS.cast(pd.DataFrame(rows))


def _played(number: int, playlists: Sequence[Rows]) -> Rows:
    random = np.random.default_rng(number)
    found = np.empty(0, np.intp)
    while len(found) < PLAYED:
        found = np.union1d(found, playlists[int(random.integers(len(playlists)))])
    return np.asarray(random.permutation(found)[:PLAYED])
