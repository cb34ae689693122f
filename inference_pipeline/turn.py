"""One listener's turn in a run: what they asked for, and where their playlists go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from inference_pipeline.playlist_kinds import Kind, kinds_named
from inference_pipeline.wishes import Wishes, read_wishes
from segue.settings import Settings
from segue.spotify.budget import Budget
from segue.store import FeatureStore


@dataclass(frozen=True)
class Turn:
    """One listener's turn.

    Attributes
    ----------
    listener : Series
        Their row of the group `listeners`.
    wishes : Wishes
    kinds : sequence of Kind
        The playlists to make.
    budget : Budget
        Of which their calls are taken.
    now : datetime
        The time as of which everything is made: the run's beginning.
    """

    store: FeatureStore
    settings: Settings
    listener: pd.Series
    wishes: Wishes
    kinds: Sequence[Kind]
    budget: Budget
    now: datetime

    @property
    def listener_id(self) -> str:
        """The listener's id."""
        return str(self.listener["listener_id"])

    @property
    def names(self) -> list[str]:
        """Segue's names of the playlists to make."""
        return [kind.name for kind in self.kinds]


def wishes_of(listener: pd.Series) -> Wishes:
    """Return what a listener wants on their playlists.

    Raises
    ------
    InputError
        If their settings cannot be used.
    """
    return read_wishes(None if pd.isna(listener["settings"]) else listener["settings"])


def kinds_of(wishes: Wishes, asked: Sequence[Kind]) -> Sequence[Kind]:
    """Return the playlists to make for a listener: those that the run was asked for, or else those that they keep."""
    return asked or kinds_named(wishes.playlists)
