r"""Kaggle `andrewmvd/spotify-playlists`: playlists of people who tweeted what they were playing (#nowplaying).

Nearly 13 million lines such as ``"9cc0…","Elvis Costello","Alison","HARD ROCK 2010"``. The header has a space after
each comma, quotes inside a value are written ``\"``, doubled, or left as they are, and some values are cut off: a CSV
parser stumbles over thousands of lines. But every value is in quotes, so that ``","`` is what separates them.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from feature_pipeline.sources.hub import Hub
from feature_pipeline.sources.playlists.source import PlaylistSource, rows
from segue.errors import InputError

COLUMNS = {"user_id", "artistname", "trackname", "playlistname"}
SEPARATOR = '","'
BATCH_BYTES = 1 << 26


def read(path: Path) -> Iterator[pa.Table]:
    """Yield the rows of the file in batches; lines that cannot be told apart into four values are faulty rows.

    Raises
    ------
    InputError
        If no line at all can be read.
    """
    readable = 0
    with io.TextIOWrapper(pa.input_stream(path), encoding="utf-8", errors="replace", newline="\n") as file:
        file.readline()
        while lines := file.readlines(BATCH_BYTES):
            batch = _rows(pa.array(lines, pa.string()))
            readable += len(batch) - batch["playlist"].null_count
            yield batch
    if not readable:
        raise InputError('no line of it reads "user","artist","title","playlist"; download it again', file=path)


def _rows(lines: pa.Array) -> pa.Table:
    bare = pc.ascii_trim_whitespace(lines)
    quoted = pc.and_(pc.starts_with(bare, '"'), pc.ends_with(bare, '"'))
    values = pc.split_pattern(pc.utf8_slice_codeunits(bare, 1, -1), SEPARATOR)
    readable = pc.and_(quoted, pc.equal(pc.list_value_length(values), len(COLUMNS)))
    values = pc.if_else(readable, values, None)
    user, artist, title, name = (pc.list_element(values, place) for place in range(len(COLUMNS)))
    return rows({"playlist": pc.binary_join_element_wise(user, name, "/"), "title": title, "artist": artist})


NOWPLAYING = PlaylistSource(
    name="andrewmvd",
    recognizes=COLUMNS.issubset,
    read=read,
    hub=Hub("kaggle", "andrewmvd/spotify-playlists", ("spotify_dataset.csv",)),
)
