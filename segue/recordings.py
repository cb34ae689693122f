"""What makes two tracks the same recording: their normalized title and first artist.

The remaster, the mono mix and the radio edit of a song are one performance under several ids; a live take, an acoustic
version and a remix are others. So edition suffixes and "feat." go, and everything else of the title stays.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

_INVISIBLE_AND_LATIN_ACCENTS = r"[\x{0300}-\x{036f}\x{00ad}\x{200b}-\x{200f}\x{2060}\x{feff}]"
_FEATURING = r"\s*[(\[](?:feat|ft|featuring)\b[^)\]]*[)\]]|\s+(?:feat\.|ft\.|featuring)\s.*$"
_MASTER = (
    r"(?:\d{4}\s+)?(?:digital(?:ly)?\s+)?re-?master(?:ed)?(?:\s+(?:version|edition|mono|stereo))*"
    r"(?:\s+\d{4})?(?:\s+(?:version|edition|mix))?"
)
_CHANNELS = r"(?:(?:\d{4}\s+)?mono|stereo)(?:\s+(?:version|mix))?"
_CUT = r"(?:radio|single)\s+(?:edit|version|mix)"
_RELEASE = r"(?:(?:original\s+)?(?:album|lp)|full[\s-]length|original)\s+(?:version|mix|recording)|bonus\s+track"
_LYRICS = r"(?:explicit|clean)(?:\s+version)?"
_EDITION = rf"\s*(?:[-–—]\s+|[(\[])(?:{_MASTER}|{_CHANNELS}|{_CUT}|{_RELEASE}|{_LYRICS})[)\]]?\s*$"
_FROM_A_FILM = r"\s*(?:[-–—]\s*|[(\[])from\s+[\"“'«].*$"
_BETWEEN_WORDS = r"[^\p{L}\p{N}\p{M}]+"
# What the same says of ASCII: the other one takes 2 ms to compile, each time.
_BETWEEN_ASCII_WORDS = r"[^A-Za-z0-9]+"


def normalize_titles(titles: Sequence[str | None] | pa.Array) -> pa.Array:
    """Return titles as they are compared: folded, without edition suffixes, featured artists and punctuation.

    >>> normalize_titles(["Señorita (feat. X) - Remastered 2011", "Senorita"]).to_pylist()
    ['senorita', 'senorita']
    """
    text = _replace(_fold(titles), _FEATURING)
    # "… - Remastered 2009 - Mono" carries two.
    for _ in range(2):
        text = _replace(text, _EDITION)
    return _words(_replace(text, _FROM_A_FILM))


def normalize_artists(artists: Sequence[str | None] | pa.Array) -> pa.Array:
    """Return artist names as they are compared: folded, without punctuation and a leading "the".

    >>> normalize_artists(["The Beatles", "BEYONCÉ"]).to_pylist()
    ['beatles', 'beyonce']
    """
    # Artists have several tracks each: every name is normalized once.
    names = _array(artists).dictionary_encode()
    return _replace(normalize_words(names.dictionary), r"^the ").take(names.indices)


def normalize_words(texts: Sequence[str | None] | pa.Array) -> pa.Array:
    """Return the words of texts as they are compared: folded, without punctuation, one space between two.

    >>> normalize_words(["Señor  (Live!)", "Don't"]).to_pylist()
    ['senor live', 'dont']
    """
    return _words(_fold(texts))


def recording_keys(titles: Sequence[str | None] | pa.Array, first_artists: Sequence[str | None] | pa.Array) -> pa.Array:
    """Return a key for each track, equal for tracks that are the same recording; null where the title is missing.

    Parameters
    ----------
    titles : sequence of str
    first_artists : sequence of str, of the same length
    """
    artists = pc.fill_null(normalize_artists(first_artists), "")
    return pc.binary_join_element_wise(normalize_titles(titles), artists, "\x1f")


def _array(texts: Sequence[str | None] | pa.Array) -> pa.Array:
    array = texts if isinstance(texts, pa.Array | pa.ChunkedArray) else pa.array(texts, pa.string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _fold(texts: Sequence[str | None] | pa.Array) -> pa.Array:
    # Only accents of the Latin, Greek and Cyrillic kind go: in Japanese or Hindi such marks are letters.
    bare = _replace(pc.utf8_normalize(_array(texts), "NFKD"), _INVISIBLE_AND_LATIN_ACCENTS)
    return pc.utf8_lower(pc.utf8_normalize(bare, "NFKC"))


def _words(texts: pa.Array) -> pa.Array:
    # Two of three titles are nothing but such words already.
    other = pc.fill_null(pc.invert(pc.match_substring_regex(texts, r"^[a-z0-9]+(?: [a-z0-9]+)*$")), False)  # noqa: FBT003 - Arrow's own
    return pc.replace_with_mask(texts, other, _spell(texts.filter(other)))


def _spell(texts: pa.Array) -> pa.Array:
    spelled = _replace(texts, "&", " and ")
    bare = _replace(spelled, r"['’`´]")
    ascii_only = pc.all(pc.string_is_ascii(bare), min_count=0).as_py()
    words = pc.utf8_trim_whitespace(_replace(bare, _BETWEEN_ASCII_WORDS if ascii_only else _BETWEEN_WORDS, " "))
    # A title such as "???" is nothing but punctuation: then that is its name.
    return pc.if_else(pc.equal(words, ""), pc.utf8_trim_whitespace(spelled), words)


def _replace(texts: pa.Array, pattern: str, replacement: str = "") -> pa.Array:
    return pc.replace_substring_regex(texts, pattern, replacement)
