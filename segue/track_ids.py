"""Spotify's track ids, out of whatever people and datasets write: ids, URIs, and the links that "share" gives."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

_LENGTH = 22
_WRITTEN = (
    r"^[ \t\r\n]*(?:spotify:track:|https?://open\.spotify\.com/(?:intl-[\w-]+/)?track/)?"
    rf"(?P<id>[0-9A-Za-z]{{{_LENGTH}}})(?:[?#].*)?[ \t\r\n]*$"
)


def read_track_id(text: str) -> str | None:
    """Return the id that a text is, or None.

    >>> read_track_id("https://open.spotify.com/intl-de/track/4GiXBCUF7H6YfNQsnBRIzl?si=1")
    '4GiXBCUF7H6YfNQsnBRIzl'
    """
    found = re.match(_WRITTEN, text, re.ASCII)
    return found["id"] if found else None


def read_track_ids(texts: pa.Array) -> pa.Array:
    """Return the id that each text is; null for others.

    >>> read_track_ids(pa.array(["spotify:track:4GiXBCUF7H6YfNQsnBRIzl", "17"])).to_pylist()
    ['4GiXBCUF7H6YfNQsnBRIzl', None]
    """
    bare = pc.and_(pc.equal(pc.binary_length(texts), _LENGTH), pc.ascii_is_alnum(texts))
    if pc.all(bare, min_count=0).as_py():
        return texts
    return pc.struct_field(pc.extract_regex(texts, _WRITTEN), "id")
