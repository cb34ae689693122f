"""What came of a playlist in a run."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from inference_pipeline.playlist import Playlist
from segue.errors import SegueError
from segue.spotify.listeners import name_of


@dataclass(frozen=True)
class Served:
    """What came of one playlist of one listener.

    Attributes
    ----------
    listener_id, listener : str
        Their id and display name (the id again, where they have none).
    playlist : str
        Its name; empty where it did not come so far.
    status : str
        "published", or why not.
    failed : bool
    tracks, new : int
        Tracks on the playlist, and how many of them were not on it when it was last made before today.
    removed : dict of str to int
        How many candidates each filter removed.
    widened : tuple of str
        The filters that had to be relaxed.
    variety : dict of str to float
        `Playlist.variety`.
    """

    listener_id: str
    listener: str
    playlist: str
    status: str
    failed: bool = False
    tracks: int = 0
    new: int = 0
    removed: dict[str, int] = field(default_factory=dict)
    widened: tuple[str, ...] = ()
    variety: dict[str, float] = field(default_factory=dict)


def published(listener: pd.Series, name: str, made: Playlist, outcome: str, length: int) -> Served:
    """Return the record of a playlist that is where it should be (`outcome`); `length` is how long it should be."""
    short = "" if len(made.tracks) == length else f": the catalog has no {length} tracks to recommend"
    return Served(
        *_who(listener),
        name,
        f"{outcome}{short}",
        tracks=len(made.tracks),
        new=made.new,
        removed=made.removed,
        widened=made.widened,
        variety=made.variety,
    )


def left_alone(listener: pd.Series, name: str, why: str) -> Served:
    """Return the record of a playlist that there is a good reason not to write, or of all of a listener's ("")."""
    return Served(*_who(listener), name, why)


def failure(listener: pd.Series, name: str, error: Exception) -> Served:
    """Return the record of a playlist that failed, or of all of a listener's ("")."""
    what = str(error) if isinstance(error, SegueError) else f"unexpected {type(error).__name__}: {error}"
    return Served(*_who(listener), name, f"failed: {what}", failed=True)


def _who(listener: pd.Series) -> tuple[str, str]:
    return str(listener["listener_id"]), name_of(listener)
