"""What merging the datasets did, as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class SourceReport:
    """What became of one dataset.

    Attributes
    ----------
    name, title : str
    files : tuple of str
    rows : int
        Rows read; `rows` minus all of `dropped` is `ids`.
    dropped : mapping
        Reason → rows dropped.
    repaired : mapping
        Fault → single values made missing or repaired.
    ids, titled : int
        Different tracks, and those of them that have a title.
    new : int
        Tracks that no newer dataset has.
    """

    name: str
    title: str
    files: tuple[str, ...]
    rows: int
    dropped: Mapping[str, int]
    repaired: Mapping[str, int]
    ids: int
    titled: int
    new: int


@dataclass(frozen=True)
class MergeReport:
    """What became of all datasets together.

    Attributes
    ----------
    sources : tuple of SourceReport
        The newest crawl first.
    ids, titled : int
        Different tracks, and those of them that have a title.
    left_out : int
        Tracks left out of the catalog because they have no title; what is known of them only enriches others.
    tracks, recordings : int
        Tracks in the catalog, and different recordings among them.
    """

    sources: tuple[SourceReport, ...]
    ids: int
    titled: int
    left_out: int
    tracks: int
    recordings: int

    COLUMNS = ("source", "files", "rows", "dropped", "ids", "titled", "new")

    def table(self) -> list[tuple[str | int, ...]]:
        """Return a row per dataset, under the headings `COLUMNS`, and a last one for all together."""
        rows: list[tuple[str | int, ...]] = [
            (one.name, len(one.files), one.rows, sum(one.dropped.values()), one.ids, one.titled, one.new)
            for one in self.sources
        ]
        return [*rows, ("together", *self._totals())]

    def _totals(self) -> tuple[int, ...]:
        files = sum(len(one.files) for one in self.sources)
        rows = sum(one.rows for one in self.sources)
        dropped = sum(sum(one.dropped.values()) for one in self.sources)
        return files, rows, dropped, self.ids, self.titled, sum(one.new for one in self.sources)

    def faults(self) -> list[tuple[str, str, int]]:
        """Return (dataset, fault, how often) for every fault met: rows dropped, then values repaired."""
        return [
            (one.name, fault, count)
            for one in self.sources
            for fault, count in (*one.dropped.items(), *one.repaired.items())
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return everything, for JSON."""
        return asdict(self)
