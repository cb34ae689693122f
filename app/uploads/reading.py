"""Reading songs out of whatever file a visitor brings: it is recognized by what is in it, not by its name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from app.uploads.files import MOST_FILES, deleted_afterwards, is_archive, take, unpack
from app.uploads.history import is_history, read_history
from app.uploads.lines import read_lines
from app.uploads.songs import Named, Songs
from app.uploads.tables import delimiter_of, read_table
from segue.errors import InputError

JSON = re.compile(rb"\s*(?:\[\s*[\[{\]]|\{)")
UTF8_MARK = b"\xef\xbb\xbf"
WHAT_TO_CHOOSE = "choose Spotify's listening history, a table of songs (CSV) or a list of links"

MOST_DIFFERENT = 200_000
"""Nobody has played so many songs, and each takes some memory."""
LONGEST_NAME = 200
"""Letters of a title or an artist beyond which nothing is compared."""


def read_songs(paths: Sequence[Path]) -> Songs:
    """Read all songs in some files, and delete these whatever happens.

    Raises
    ------
    InputError
        Naming the file and saying what is wrong with it, in one line: then no file has been read.
    """
    plays: Counter[Named] = Counter()
    with deleted_afterwards(paths):
        if len(paths) > MOST_FILES:
            raise InputError(f"these are {len(paths)} files: choose up to {MOST_FILES}")
        for path in paths:
            try:
                _count(take(path), plays)
            except InputError as error:
                raise InputError(str(error), file=path.name) from None
    if not plays:
        raise InputError(f"there are no songs in it: {WHAT_TO_CHOOSE}")
    return Songs.of(plays)


def _count(content: bytes, plays: Counter[Named]) -> None:
    for named in chain.from_iterable(_parts(content)):
        plays[_cut(named)] += 1
        if len(plays) > MOST_DIFFERENT:
            raise InputError("there are more songs in it than anybody has played")


def _cut(named: Named) -> Named:
    track_id, title, artists = named
    return track_id, title and title[:LONGEST_NAME], artists and artists[:LONGEST_NAME]


def _parts(content: bytes) -> Iterator[Iterator[Named]]:
    if is_archive(content):
        yield from map(read_history, unpack(content, is_history))
        return
    content = content.removeprefix(UTF8_MARK)
    if JSON.match(content):
        yield read_history(content)
        return
    text = _decode(content)
    delimiter = delimiter_of(text)
    yield read_table(text, delimiter) if delimiter else read_lines(text)


def _decode(content: bytes) -> str:
    if b"\0" in content:
        raise InputError(f"this is no text: {WHAT_TO_CHOOSE}")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise InputError("this is no text in UTF-8: save it as that") from None
