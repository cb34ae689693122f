"""The app when fifty people are there at once, beside one who has it alone.

Each of them searches a song and asks for what goes with what was found, over HTTP and without an error, from an address
and with a song of their own. First all press at the same moment, in rounds, between which some of them come one after
the other, each waiting for the one before. Then each looks at what they got, for five seconds on average, before they
ask again. The app serves what is in `SEGUE_VAR`, or the made-up catalog, with all its limits, on the same machine as
they.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import chain
from random import Random

import numpy as np

from benchmarks.finished import finished_var
from benchmarks.measure import Ratio
from benchmarks.visitors import PATIENCE, App, served
from segue.models.catalog import read_catalog
from segue.settings import Settings
from segue.store import open_store

PEOPLE, ROUNDS, VISITS = 50, 5, 4
LOOKING = 5.0
"""Seconds for which somebody looks at an answer on average."""
TYPED = 12
"""So many letters of a title are typed."""


def ratios() -> Iterator[Ratio]:
    """Compare the slowest in a hundred of fifty people's answers with the median of one person's."""
    with finished_var() as settings, served(settings) as app, ThreadPoolExecutor(PEOPLE) as crowd:
        typed = known_titles(settings)
        wait_until_ready(app, typed[0])
        together: list[float] = []
        alone: list[float] = []
        for number in range(ROUNDS):
            together += crowd.map(app.ask, range(PEOPLE), typed)
            alone += [app.ask(visitor, typed[visitor]) for visitor in range(number, PEOPLE, ROUNDS)]
        yield replace(beside(f"{PEOPLE} people press at the same moment", together, alone), floor=10, goal=4)
        stays = crowd.map(partial(stay, app), range(PEOPLE), typed)
        yield beside(f"{PEOPLE} people, each again when they have looked at an answer", list(chain(*stays)), alone)


def beside(task: str, took: list[float], alone: list[float]) -> Ratio:
    """Return how long 99 of 100 wait at most, beside the median of one person alone."""
    note = f"half of them wait {np.median(took):.2g} s at most; no errors"
    slow, usual = float(np.percentile(took, 99)), float(np.median(alone))
    alternative = "one person alone, median"
    return Ratio(f"{task}: the slowest of 100", alternative, slow, usual, unit="s", note=note)


def stay(app: App, visitor: int, typed: str) -> list[float]:
    """Ask a few times, with time to look at the answers, and return the seconds that each took."""
    random = Random(visitor)  # noqa: S311 - nothing depends on it but when somebody asks
    took = []
    for _ in range(VISITS):
        time.sleep(random.uniform(0, 2 * LOOKING))
        took.append(app.ask(visitor, typed))
    return took


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
