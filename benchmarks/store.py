"""The embedded store beside a Parquet file, which has no keys, no schema and no transactions."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measure import Ratio, compare
from segue.groups import AUDIO_FEATURES, TRACKS
from segue.store import open_store

ROWS = 280_000
FEW = 5_000


def ratios() -> Iterator[Ratio]:
    """Upsert many rows, upsert few, read all."""
    tracks = _tracks(ROWS)
    few = tracks.sample(FEW, random_state=0)
    with tempfile.TemporaryDirectory() as folder:
        parquet = Path(folder) / "tracks.parquet"
        stores = (open_store(f"sqlite:///{Path(folder) / f'{number}.db'}") for number in count())
        store = next(stores)

        def write() -> None:
            tracks.to_parquet(parquet)

        yield compare(
            f"insert {ROWS:,} × {len(TRACKS.columns)}",
            lambda: next(stores).upsert(TRACKS, tracks),
            "write one Parquet file of them",
            write,
            floor=8,
            goal=4,
        )
        store.upsert(TRACKS, tracks)
        yield compare(
            f"upsert {ROWS:,} × {len(TRACKS.columns)} that are there",
            lambda: store.upsert(TRACKS, tracks),
            "write one Parquet file of them",
            write,
            floor=8,
            goal=4,
        )
        yield compare(
            f"upsert {FEW:,} of them",
            lambda: store.upsert(TRACKS, few),
            "write one Parquet file of all",
            write,
            floor=0.3,
            goal=0.15,
        )
        pd.testing.assert_frame_equal(store.read(TRACKS), TRACKS.cast(pd.read_parquet(parquet)))
        yield compare(
            "read all",
            lambda: store.read(TRACKS),
            "read one Parquet file of them",
            lambda: pd.read_parquet(parquet),
            floor=10,
            goal=6,
            note="equal frames",
        )


def _tracks(rows: int) -> pd.DataFrame:
    random = np.random.default_rng(0)
    ids = [f"{number:022d}" for number in range(rows)]
    columns = dict.fromkeys(TRACKS.columns) | {name: random.random(rows) for name in AUDIO_FEATURES}
    named = {
        "track_id": ids,
        "recording_id": ids,
        "title": [f"Song {number}" for number in range(rows)],
        "artists": [f"Artist {number % 9_973}" for number in range(rows)],
        "year": 1960 + np.arange(rows) % 65,
        "tempo": 60 + 120 * random.random(rows),
        "duration_ms": 200_000.0,
        "time_signature": 4.0,
        "source": "benchmark",
    }
    return TRACKS.validate(pd.DataFrame(columns | named))
