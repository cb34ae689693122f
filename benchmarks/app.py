"""The app when fifty people come at the same moment, beside one who has it alone.

Each of them searches a song and asks for what goes with what was found, over HTTP and without an error, from an address
and with a song of their own. They come in rounds, and between two rounds one after the other, each waiting for the one
before. The app serves what is in `SEGUE_VAR`, or the made-up catalog, with all its limits, on the same machine as they.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np

from benchmarks.finished import finished_var
from benchmarks.measure import Ratio
from benchmarks.visitors import PATIENCE, App, served
from segue.models.catalog import read_catalog
from segue.settings import Settings
from segue.store import open_store

PEOPLE, ROUNDS = 50, 5
TYPED = 12
"""So many letters of a title are typed."""


def ratios() -> Iterator[Ratio]:
    """Compare the slowest in a hundred of fifty people's visits with the median of one person's."""
    with finished_var() as settings, served(settings) as app, ThreadPoolExecutor(PEOPLE) as crowd:
        typed = known_titles(settings)
        wait_until_ready(app, typed[0])
        together: list[float] = []
        alone: list[float] = []
        for number in range(ROUNDS):
            together += crowd.map(app.ask, range(PEOPLE), typed)
            alone += [app.ask(visitor, typed[visitor]) for visitor in range(number, PEOPLE, ROUNDS)]
        yield Ratio(
            f"{PEOPLE} people at once search and ask for recommendations: 99 in 100 wait no longer",
            "one person alone, median",
            float(np.percentile(together, 99)),
            float(np.median(alone)),
            floor=10,
            goal=4,
            unit="s",
            note=f"half of them no longer than {np.median(together):.2g} s",
        )


def known_titles(settings: Settings) -> list[str]:
    """Return how the titles of well-known songs begin, one for each person."""
    known = read_catalog(open_store(settings.store_url), ["title", "popularity_percentile"]).recordings
    titles = known.sort_values("popularity_percentile", ascending=False, kind="stable")["title"].dropna()
    begun = titles.str[:TYPED].drop_duplicates().head(10 * PEOPLE)
    return begun.iloc[:: max(1, len(begun) // PEOPLE)].head(PEOPLE).to_list()


def wait_until_ready(app: App, typed: str) -> None:
    """Wait until the app has opened what it serves."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with suppress(ConnectionError):
            # Somebody who is none of those that are measured.
            app.ask(PEOPLE, typed)
            return
        time.sleep(0.1)
    app.ask(PEOPLE, typed)
