"""The embedded store beside a Parquet file, which has no keys, no schema and no transactions."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measure import Ratio, compare
from segue.groups import AUDIO_FEATURES, TRACKS
from segue.store import open_store

ROWS = 280_000


def ratios() -> Iterator[Ratio]:
    """Upsert many rows, upsert few, read all."""
    tracks = _tracks(ROWS)
    with tempfile.TemporaryDirectory() as folder:
        parquet = Path(folder) / "tracks.parquet"
        store = open_store(f"sqlite:///{Path(folder) / 'segue.db'}")

        def write() -> None:
            tracks.to_parquet(parquet)

        yield compare(f"upsert {ROWS:,} tracks", lambda: store.upsert(TRACKS, tracks), "write Parquet", write)
        few = tracks.sample(5_000, random_state=0)
        yield compare("upsert 5,000 of them", lambda: store.upsert(TRACKS, few), "write all to Parquet", write)
        yield compare("read all", lambda: store.read(TRACKS), "read Parquet", lambda: pd.read_parquet(parquet))


def _tracks(count: int) -> pd.DataFrame:
    random = np.random.default_rng(0)
    ids = [f"{number:022d}" for number in range(count)]
    columns = dict.fromkeys(TRACKS.columns) | {name: random.random(count) for name in AUDIO_FEATURES}
    named = {
        "track_id": ids,
        "recording_id": ids,
        "title": [f"Song {number}" for number in range(count)],
        "artists": [f"Artist {number % 9_973}" for number in range(count)],
        "year": 1960 + np.arange(count) % 65,
        "tempo": 60 + 120 * random.random(count),
        "duration_ms": 200_000.0,
        "time_signature": 4.0,
        "source": "benchmark",
    }
    return TRACKS.validate(pd.DataFrame(columns | named))
