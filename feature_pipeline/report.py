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
    recordings : int
        Different recordings among its tracks that are in the catalog.
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
    recordings: int


@dataclass(frozen=True)
class MergeReport:
    """What became of all datasets together.

    Attributes
    ----------
    sources : tuple of SourceReport
        The newest crawl first.
    ids, titled : int
        Different tracks of the datasets that name tracks, and those of them that have a title.
    nameless : int
        Further tracks, which only datasets without titles have.
    left_out : int
        Tracks left out of the catalog because they have no title; what is known of them only enriches others.
    tracks, recordings : int
        Tracks in the catalog, and different recordings among them.
    """

    sources: tuple[SourceReport, ...]
    ids: int
    titled: int
    nameless: int
    left_out: int
    tracks: int
    recordings: int

    def to_dict(self) -> dict[str, Any]:
        """Return everything, for JSON."""
        return asdict(self)
