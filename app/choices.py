"""What the catalog has to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from segue.models.catalog import Catalog

FEWEST = 10
"""A genre of fewer recordings fills no playlist."""


def genres_in(catalog: Catalog) -> list[str]:
    """Return the genres of at least `FEWEST` recordings, or of their artists: what most have comes first."""
    both = catalog.recordings[["genres", "artist_genres"]].fillna("")
    joined = pa.array(both["genres"].str.cat(both["artist_genres"], sep=";"), pa.string())
    counts = pc.value_counts(pc.list_flatten(pc.split_pattern(joined, ";")))
    table = pa.table({"genre": counts.field("values"), "count": counts.field("counts")})
    common = table.filter((pc.field("count") >= FEWEST) & (pc.field("genre") != ""))
    genres: list[str] = common.sort_by([("count", "descending"), ("genre", "ascending")])["genre"].to_pylist()
    return genres
