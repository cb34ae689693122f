"""Recommended tracks as people see them, on every page and in every file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from segue.links import track_link
from segue.models.catalog import Catalog

NAMED = ["title", "artists", "year", "source"]


def let_in(widened: Sequence[str]) -> str:
    """Return a sentence that names the filters that had to be relaxed; nothing where there are none."""
    return f"To fill it, these came in: {', '.join(widened)}." if widened else ""


def present(catalog: Catalog, tracks: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a dict for each track, by rank.

    Parameters
    ----------
    catalog : Catalog
        Read with the columns title, artists, year and source.
    tracks : DataFrame
        With the columns rank, track_id and reason.

    Returns
    -------
    list of dict
        ``rank``; ``track_id``; ``title``, the id where there is none; ``artists``, joined by ", "; ``year``, or None;
        ``url`` at Spotify, empty for what was made up; ``reason``. All as they are, nothing is escaped.
    """
    ordered = tracks.sort_values("rank")
    # A few rows of each column: to reindex the table takes five times as long.
    ids = catalog.tracks.index
    rows = ids.get_indexer(pd.Index(ordered["track_id"], dtype=ids.dtype))
    columns = (catalog.tracks[name].array.take(rows, allow_fill=True).tolist() for name in NAMED)
    return [
        {
            "rank": int(rank),
            "track_id": track_id,
            "title": track_id if pd.isna(title) else title,
            "artists": "" if pd.isna(artists) else artists.replace(";", ", "),
            "year": None if pd.isna(year) else int(year),
            "url": track_link(track_id, "" if pd.isna(source) else source),
            "reason": reason,
        }
        for rank, track_id, reason, title, artists, year, source in zip(
            ordered["rank"], ordered["track_id"], ordered["reason"], *columns, strict=True
        )
    ]
