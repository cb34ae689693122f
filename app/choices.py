"""What there is to choose from: what the catalog has, and what is trained."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from inference_pipeline.wishes import APPROACHES
from segue.links import MADE_UP
from segue.registry import FolderRegistry, open_registry

if TYPE_CHECKING:
    from segue.models.catalog import Catalog
    from segue.settings import Settings

FEWEST = 20
"""A genre or a decade of fewer recordings fills no playlist."""
LATELY_SECONDS = 60
"""How long the names of models on another machine are remembered."""


def genres_in(catalog: Catalog) -> list[str]:
    """Return the genres of at least `FEWEST` recordings, or of their artists: what most have comes first."""
    both = catalog.recordings[["genres", "artist_genres"]].fillna("")
    joined = pa.array(both["genres"].str.cat(both["artist_genres"], sep=";"), pa.string())
    counts = pc.value_counts(pc.list_flatten(pc.split_pattern(joined, ";")))
    table = pa.table({"genre": counts.field("values"), "count": counts.field("counts")})
    common = table.filter((pc.field("count") >= FEWEST) & (pc.field("genre") != ""))
    genres: list[str] = common.sort_by([("count", "descending"), ("genre", "ascending")])["genre"].to_pylist()
    return genres


def only_made_up(catalog: Catalog) -> str:
    """Return why a real song is not found in a made-up catalog; nothing where there are real songs."""
    made_up = (catalog.tracks["source"] == MADE_UP).all()
    return " The songs here are made up, to try Segue with: no real song is among them." if made_up else ""


def decades_in(catalog: Catalog) -> list[int]:
    """Return the first years of the decades of at least `FEWEST` recordings, in order."""
    counts = (catalog.recordings["year"].dropna() // 10 * 10).value_counts()
    decades: list[int] = counts.index[counts >= FEWEST].astype("int64").sort_values().tolist()
    return decades


def approaches_of(settings: Settings) -> dict[str, str]:
    """Return those of `APPROACHES` whose model is trained."""
    registry = open_registry(settings)
    if isinstance(registry, FolderRegistry):
        trained = registry.names()
    else:
        # Every page asks, and another machine takes its time to answer.
        trained = _asked_lately(settings, int(time.monotonic() // LATELY_SECONDS))
    return {label: name for label, name in APPROACHES.items() if name in trained}


@lru_cache(maxsize=1)
def _asked_lately(settings: Settings, _: int) -> list[str]:
    return open_registry(settings).names()
