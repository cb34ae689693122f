"""Floors: what a version must reach to become the best one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from training_pipeline.measure import Measured

MILLION = ("million-playlist", "playlists_mpd_train")


@dataclass(frozen=True)
class Floor:
    """A bound on the mean of a metric on a set.

    Attributes
    ----------
    space : str
        The model that it is for.
    setting : str
        One of the four.
    collections : tuple of str
        The collections tested on; other people's playlists are other problems, with other bounds.
    metric : str
        Column of `Measured.results`.
    bound : float
        The least that the mean may be, or the most if lower is better.
    at_most : bool
        Whether lower is better.
    """

    space: str
    setting: str
    collections: tuple[str, ...]
    metric: str
    bound: float
    at_most: bool = False


FLOORS = (
    Floor("audio", "warm", MILLION, "recall_at_100", 0.007),
    Floor("hybrid", "none", MILLION, "recall_at_100", 0.12),
    Floor("hybrid", "none", MILLION, "ndcg_at_500", 0.12),
    Floor("hybrid", "warm", MILLION, "recall_at_100", 0.38),
    Floor("hybrid", "warm", MILLION, "ndcg_at_500", 0.33),
    Floor("hybrid", "warm", MILLION, "clicks", 1.6, at_most=True),
    Floor("hybrid", "cold", MILLION, "recall_at_100", 0.39),
    Floor("hybrid", "transfer", ("tidytuesday",), "recall_at_100", 0.20),
    *(Floor("hybrid", setting, MILLION, "artists_at_100", 35) for setting in ("none", "warm", "cold")),
    Floor("hybrid", "transfer", ("tidytuesday",), "artists_at_100", 35),
)
"""For a catalog of about 165,000 recordings: in a larger one there is more to choose from, and less is found.

Other collections have no floor: how much can be found in them, nobody has measured.
"""


def missed(space: str, sets: Mapping[str, Measured]) -> list[str]:
    """Return a line for each floor that `space` misses, however wide the interval; sets that have none are passed."""
    lines = []
    for key, measured in sets.items():
        summary = measured.summary()
        for floor in _floors(space, key):
            value = summary.get(floor.metric, float("nan"))
            # What was not measured has not reached it.
            if not (value <= floor.bound if floor.at_most else value >= floor.bound):
                word = "above the most allowed" if floor.at_most else "below the floor of"
                lines.append(f"{key}: {floor.metric} is {value:.4f}, {word} {floor.bound:g}")
    return lines


def floors_of(space: str, key: str) -> dict[str, str]:
    """Return what is asked of each metric that has a floor on the set `key`, in words."""
    return {
        floor.metric: f"{'at most' if floor.at_most else 'at least'} {floor.bound:g}" for floor in _floors(space, key)
    }


def _floors(space: str, key: str) -> list[Floor]:
    setting, _, rest = key.partition("/")
    tested = rest.rpartition("→")[2]
    mine = [floor for floor in FLOORS if floor.space == space and floor.setting == setting]
    return [floor for floor in mine if tested in floor.collections]
