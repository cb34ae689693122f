"""Songs as files name them, before it is known which of them the catalog has."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pandas as pd

from segue.groups import DTYPES

MOST_SONGS = 5_000
COLUMNS = ("track_id", "title", "artists")
Named = tuple[str | None, str | None, str | None]
"""What names a song, each of them or none: its id, its title, its artists."""


@dataclass(frozen=True)
class Songs:
    """Songs, and how often each was played.

    Attributes
    ----------
    frame : DataFrame
        `COLUMNS`, text or missing, and plays (int, from 1), the most played first: at most `MOST_SONGS`.
    found : int
        How many songs there were at first.
    """

    frame: pd.DataFrame
    found: int

    @classmethod
    def of(cls, plays: Counter[Named]) -> Songs:
        """Put together what names the same song.

        A song that is named by its id and elsewhere by its title counts as two: whose title it is is not known yet.
        """
        rows = pd.DataFrame(list(plays), columns=list(COLUMNS), dtype=object).astype(DTYPES["text"])
        # Two spellings of the title of one id are one song.
        named = rows["title"].fillna("") + "\x1f" + rows["artists"].fillna("")
        by_song = rows.assign(plays=list(plays.values())).groupby(rows["track_id"].fillna(named), sort=False)
        counted = by_song.first().assign(plays=by_song["plays"].sum())
        ordered = counted.sort_values("plays", ascending=False, kind="stable")
        return cls(ordered.head(MOST_SONGS).reset_index(drop=True), len(ordered))
