"""Which recordings of the catalog the songs in a file are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from app.uploads.songs import Songs
from segue.models.catalog import Catalog
from segue.recordings import recording_keys

ENOUGH = 50
"""So many plays say as much as more."""
EXAMPLES = 5
BETWEEN = " - "
TURNED = rf"(?s)^(.*?){BETWEEN}(.*)$"
FIRST = r"\s*[,;].*"


@dataclass(frozen=True)
class Matched:
    """What the catalog has of the songs in a file.

    Attributes
    ----------
    preferences : Series of float32
        By recording_id, above 0 up to 1, the most played first.
    songs : int
        How many songs were looked for.
    matched : int
        How many of them were found.
    missing : list of str
        The most played ones that were not, as ``title by artist``.
    """

    preferences: pd.Series
    songs: int
    matched: int
    missing: list[str]


def match(songs: Songs, catalog: Catalog, by_name: pd.Series) -> Matched:
    r"""Find each song by its id, or else by title and artist.

    A recording that was played n times gets the preference

    .. math:: \min(1, \log(1 + n) / \log(1 + \min(50, m)))

    where m is how often the most played one was.

    Parameters
    ----------
    songs : Songs
    catalog : Catalog
    by_name : Series
        `app.search.Search.by_name` of it.
    """
    frame = songs.frame
    found = pd.Series(catalog.recordings_of(frame["track_id"].fillna("")).to_numpy(object), index=frame.index)
    for keys in _keys(frame):
        found = found.where(found.notna(), keys.map(by_name))
    plays = frame["plays"].groupby(found).sum().sort_values(ascending=False, kind="stable")
    most = np.log1p(plays.clip(upper=ENOUGH).max()) if len(plays) else 1.0
    preferences = (np.log1p(plays) / most).clip(upper=1).astype("float32").rename_axis("recording_id")
    missing = frame[found.isna()]
    names = missing["title"].fillna(missing["track_id"]).str.cat(" by " + missing["artists"], na_rep="")
    return Matched(preferences, len(frame), len(frame) - len(missing), names.head(EXAMPLES).to_list())


def _keys(frame: pd.DataFrame) -> Iterator[pd.Series]:
    """Yield the keys that a song may have: its artists are one name, or several; or it is "artist - title"."""
    title, artists = frame["title"], frame["artists"]
    turned = (title + BETWEEN + artists).str.extract(TURNED)
    readings = ((title, artists), (title, artists.str.replace(FIRST, "", regex=True)), (turned[1], turned[0]))
    for named, credited in readings:
        keys = recording_keys(*(pa.array(names, pa.string()) for names in (named, credited))).to_pylist()
        # Without an artist a title may be anybody's.
        yield pd.Series(keys, index=frame.index, dtype=object).where(named.notna() & credited.notna())
