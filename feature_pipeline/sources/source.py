"""What is declared of each dataset of tracks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from feature_pipeline.columns import SPELLINGS
from feature_pipeline.endings import Ending
from feature_pipeline.sources.hub import Hub
from segue.groups import AUDIO_FEATURES

FEATURES = {feature: feature for feature in AUDIO_FEATURES}
"""The audio features under their own names, as nearly every dataset has them."""

UNKNOWN_CRAWL = date.min


@dataclass(frozen=True, eq=False)
class Part:
    """One kind of file of a dataset.

    Attributes
    ----------
    columns : mapping
        Canonical column (see `feature_pipeline.columns`) → what the file calls it; all of them must be there.
    optional : mapping
        The same for columns that may be absent.
    marks : set of str
        Columns that no other dataset has in this combination: they identify a file, even one that lacks others.
        Without marks, a file is recognized by having all `columns`.
    key : {"track_id", "artist_ids"}
        The canonical column by which it is joined to the first part of its dataset.
    """

    columns: Mapping[str, str]
    optional: Mapping[str, str] = field(default_factory=dict)
    marks: frozenset[str] = frozenset()
    key: Literal["track_id", "artist_ids"] = "track_id"

    def fits(self, names: Collection[str]) -> bool:
        """Return whether a file with these column names is of this kind."""
        return (self.marks or set(self.columns.values())) <= set(names)

    def found(self, names: Collection[str]) -> dict[str, str]:
        """Return canonical column → name in the file, for a file with these column names."""
        return {**self.columns, **{column: name for column, name in self.optional.items() if name in names}}


@dataclass(frozen=True, eq=False)
class TrackSource:
    """A dataset of tracks.

    Attributes
    ----------
    name : str
        Short name: the command line's, and the catalog's ``source``.
    title : str
        What people call it.
    crawled : date
        When its data was fetched from Spotify (the month, mostly): the newest crawl is believed first.
    parts : tuple of Part
        Its kinds of files. The first has a row per track; the others are joined to it where they are given.
    hub : Hub, optional
        Where to download it.
    artists : {"names", "credits"}
        Names separated by ``;`` or a Python list of them; or credits as the charts print them, ``A Featuring B & C``.
    placeholder : str, optional
        What stands in for title, artists and album of a track that has none of them.
    ending : {"newline", "known value", "any"}
        How its CSV files end where they are whole (see `feature_pipeline.endings`).
    """

    name: str
    title: str
    crawled: date
    parts: tuple[Part, ...]
    hub: Hub | None = None
    artists: Literal["names", "credits"] = "names"
    placeholder: str | None = None
    ending: Ending = "newline"

    def part_of(self, names: Collection[str]) -> Part | None:
        """Return the part that a file with these column names is, if it is of this dataset."""
        return next((part for part in self.parts if part.fits(names)), None)


@dataclass(frozen=True, eq=False)
class SpelledPart(Part):
    """A file whose columns may go by any of the names in `feature_pipeline.columns.SPELLINGS`."""

    def fits(self, names: Collection[str]) -> bool:
        """Return whether every needed column is there, by one name or another."""
        return not self.lacking(names)

    def found(self, names: Collection[str]) -> dict[str, str]:
        """Return canonical column → the first of its names that the file has."""
        wanted = (*self.columns, *self.optional)
        spelled = {column: [name for name in SPELLINGS[column] if name in names] for column in wanted}
        return {column: found[0] for column, found in spelled.items() if found}

    def lacking(self, names: Collection[str]) -> list[str]:
        """Return the needed columns that the file has by none of their names."""
        found = self.found(names)
        return [column for column in self.columns if column not in found]
