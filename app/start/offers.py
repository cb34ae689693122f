"""What a catalog has to offer to somebody who has not named anything yet."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import cached_property

from app.choices import decades_in, genres_in
from segue.models.catalog import Catalog

MOST_GENRES = 300
EXAMPLES, SONGS_EACH = 3, 3
WELL_KNOWN = 0.95
"""Percentile of popularity from which a song may be a surprise: it means something to many people."""


@dataclass(frozen=True)
class Offers:
    """Points to start from, and what to choose between; each is looked for once.

    Parameters
    ----------
    catalog : Catalog
        With the columns title, artists, genres, artist_genres, year and popularity_percentile.
    """

    catalog: Catalog

    @cached_property
    def genres(self) -> list[str]:
        """The genres of most recordings, by name."""
        return sorted(genres_in(self.catalog)[:MOST_GENRES])

    @cached_property
    def decades(self) -> list[int]:
        """First years of the decades of many recordings."""
        return decades_in(self.catalog)

    @cached_property
    def examples(self) -> list[tuple[str, list[str]]]:
        """Three genres whose songs are best known, with the ids of a few of these, each by somebody else."""
        known = self.catalog.recordings.dropna(subset=["genres", "title", "artists"])
        known = known.sort_values("popularity_percentile", ascending=False, na_position="last", kind="stable")
        known = known.assign(genre=known["genres"].str.partition(";")[0], artist=known["artists"].str.partition(";")[0])
        known = known.drop_duplicates("artist")
        genres = known["genre"].drop_duplicates().head(EXAMPLES)
        return [(genre, known.index[known["genre"] == genre][:SONGS_EACH].to_list()) for genre in genres]

    def surprise(self) -> str:
        """Return a well-known song, by chance."""
        known = self.catalog.recordings
        famous = known.index[(known["popularity_percentile"] >= WELL_KNOWN).to_numpy(bool, na_value=False)]
        return str(secrets.choice(famous if len(famous) else known.index))
