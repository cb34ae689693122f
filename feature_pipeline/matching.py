"""From the tracks that somebody plays to the tracks of the catalog."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segue.groups import DTYPES
from segue.recordings import normalize_artists, recording_keys

CATALOG_COLUMNS = ("track_id", "recording_id", "title", "artists", "isrc", "popularity_percentile")
"""The columns of the group `tracks` that matching needs."""

WAYS = ("id", "isrc", "title", "artist")
"""How a track can be matched, the surest way first."""


_SEPARATOR = "\x1f"


def index_catalog(catalog: pd.DataFrame, ways: Sequence[str] = WAYS) -> dict[str, pd.Series]:
    """Return, for each of the `ways`, the catalog's track of each key.

    Where several share it, a recording's own track goes before its other versions, and then the most popular one.

    Parameters
    ----------
    catalog : DataFrame
        `CATALOG_COLUMNS`.
    ways : sequence of str
        Some of `WAYS`.

    Returns
    -------
    dict of str to Series
        Track ids, indexed by key.
    """
    own = catalog["recording_id"] == catalog["track_id"]
    ranked = catalog.assign(own=own).sort_values(
        ["own", "popularity_percentile", "track_id"], ascending=[False, False, True], na_position="last"
    )
    return {
        way: pd.Series(ranked["track_id"].array, index=keys)[keys.notna() & ~keys.duplicated()]
        for way, keys in _keys(ranked, ways).items()
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
    for way, keys in _keys(played, WAYS).items():
        found = pd.Series(index[way].reindex(keys).array, index=played.index, dtype=DTYPES["text"])
        fresh = matched.isna() & found.notna()
        matched = matched.where(~fresh, found)
        matched_by = matched_by.where(~fresh, way)
    return played.assign(matched_track_id=matched, matched_by=matched_by)


def title_keys(titles: pa.Array, artists: pa.Array) -> pa.Array:
    """Return keys of title and first artist; null where either is missing, for a title alone says too little."""
    # Playlists repeat the same songs over and over: each spelling is normalized once.
    pairs = pc.binary_join_element_wise(titles, _first_artists(artists), _SEPARATOR).dictionary_encode()
    parts = pc.split_pattern(pairs.dictionary, _SEPARATOR)
    return recording_keys(pc.list_element(parts, 0), pc.list_element(parts, 1)).take(pairs.indices)


def _keys(tracks: pd.DataFrame, ways: Sequence[str]) -> dict[str, pd.Index]:
    """Return the key of each track for each of `ways`; a key is missing where the track cannot be found that way."""
    keys = {way: _KEYS[way](tracks).replace("", pd.NA) for way in ways}
    return {way: pd.Index(values.array, dtype=DTYPES["text"]) for way, values in keys.items()}


_KEYS: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "id": lambda tracks: tracks["track_id"],
    "isrc": lambda tracks: tracks["isrc"].str.upper().str.replace("-", "", regex=False),
    "title": lambda tracks: _text(title_keys(_array(tracks["title"]), _array(tracks["artists"]))),
    "artist": lambda tracks: _text(normalize_artists(_first_artists(_array(tracks["artists"])))),
}


def _first_artists(artists: pa.Array) -> pa.Array:
    return pc.struct_field(pc.extract_regex(artists, r"^(?P<first>[^;]+)"), "first")


def _array(values: pd.Series) -> pa.Array:
    return pa.array(values, pa.string(), from_pandas=True)


def _text(array: pa.Array) -> pd.Series:
    values: pd.Series = pd.Series(array.to_pandas(), dtype=DTYPES["text"])
    return values
