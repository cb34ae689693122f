"""From the tracks that somebody plays to the tracks of the catalog."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pyarrow as pa

from segue.groups import DTYPES
from segue.recordings import normalize_artists, recording_keys

CATALOG_COLUMNS = ("track_id", "title", "artists", "isrc", "popularity_percentile")
"""The columns of the group `tracks` that matching needs."""

WAYS = ("id", "isrc", "title", "artist")
"""How a track can be matched, the surest way first."""


def index_catalog(catalog: pd.DataFrame) -> dict[str, pd.Series]:
    """Return, for each of `WAYS`, the catalog's track of each key: the most popular one where several share it.

    Parameters
    ----------
    catalog : DataFrame
        `CATALOG_COLUMNS`.

    Returns
    -------
    dict of str to Series
        Track ids, indexed by key.
    """
    ranked = catalog.sort_values(["popularity_percentile", "track_id"], ascending=[False, True], na_position="last")
    return {
        way: pd.Series(ranked["track_id"].array, index=keys)[keys.notna() & ~keys.duplicated()]
        for way, keys in _keys(ranked).items()
    }


def match(played: pd.DataFrame, index: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Find each played track in the catalog: by id, else ISRC, else title and first artist, else first artist alone.

    A track that the catalog lacks is stood in for by its artist's most popular one.

    Parameters
    ----------
    played : DataFrame
        ``track_id``, ``title``, ``artists`` (names joined by ``;``) and ``isrc`` (may be missing), all text.
    index : dict
        What `index_catalog` returns.

    Returns
    -------
    DataFrame
        `played` with ``matched_track_id`` (missing where nothing fits) and ``matched_by``: one of `WAYS` or "none".
    """
    matched = pd.Series(pd.NA, index=played.index, dtype=DTYPES["text"])
    matched_by = pd.Series("none", index=played.index, dtype=DTYPES["text"])
    for way, keys in _keys(played).items():
        found = pd.Series(index[way].reindex(keys).array, index=played.index, dtype=DTYPES["text"])
        fresh = matched.isna() & found.notna()
        matched = matched.where(~fresh, found)
        matched_by = matched_by.where(~fresh, way)
    return played.assign(matched_track_id=matched, matched_by=matched_by)


def _keys(tracks: pd.DataFrame) -> dict[str, pd.Index]:
    """Return the key of each track for each of `WAYS`; a key is missing where the track cannot be found that way."""
    first_artists = tracks["artists"].str.split(";").str[0].astype(DTYPES["text"])
    names = pa.array(first_artists, pa.string(), from_pandas=True)
    titles = recording_keys(pa.array(tracks["title"], pa.string(), from_pandas=True), names)
    keys = {
        "id": tracks["track_id"],
        "isrc": tracks["isrc"].str.upper().str.replace("-", "", regex=False),
        "title": _text(titles).where(first_artists.notna().to_numpy()),
        "artist": _text(normalize_artists(names)),
    }
    return {way: pd.Index(values.replace("", pd.NA).array, dtype=DTYPES["text"]) for way, values in keys.items()}


def _text(array: pa.Array) -> pd.Series:
    values: pd.Series = pd.Series(array.to_pandas(), dtype=DTYPES["text"])
    return values
