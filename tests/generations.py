"""A program that writes whole generations of rows into a store for ever, for tests that kill or rival it.

Usage: python generations.py STORE_URL COUNT ROWS. Prints each generation once its rows are safe.
"""

from __future__ import annotations

import os
import sys
from itertools import count

import pandas as pd

from segue.groups import PLAYLIST_TRACKS
from segue.store import open_store

KEYS = 1_000


def generation(number: int, rows: int = KEYS) -> pd.DataFrame:
    """Return `rows` rows that all carry `number`."""
    return pd.DataFrame(
        {
            "playlist_id": "test:1",
            "track_id": [f"{row:022d}" for row in range(rows)],
            "position": number,
            "source": f"writer {os.getpid()}",
        }
    )


def main(url: str, times: int, rows: int) -> None:
    """Write `times` generations (0: for ever)."""
    store = open_store(url)
    for number in range(times) if times else count():
        store.upsert(PLAYLIST_TRACKS, generation(number, rows))
        print(number, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
