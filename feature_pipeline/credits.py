"""Reading credits as the charts print them: ``A Featuring B & C``."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from feature_pipeline.labels import SEPARATOR

_GUESTS = re.compile(r"\s+\(?(?:featuring|feat\.?|ft\.?|duet with)\s+", re.IGNORECASE)
_AND = re.compile(r",? & |, | with | x | \+ | ?/ ?| vs\.? | and | or ", re.IGNORECASE)


def split_credits(credit_texts: pa.Array) -> pa.Array:
    """Return credits with the artists' names separated by ``;``.

    "Featuring" always separates. Other words (``&``, a comma, "With", "x" …) are as often part of a name, so they
    separate only where what stands before them is credited alone elsewhere in the same texts: "Elton John & Dua Lipa"
    are two, "Simon & Garfunkel" one.
    """
    composite = pc.match_substring_regex(credit_texts, f"(?i){_GUESTS.pattern}|{_AND.pattern}")
    combined = credit_texts.filter(composite).to_pylist()
    alone = credit_texts.filter(pc.invert(composite)).to_pylist()
    heads = (head for head in map(_head, combined) if not _AND.search(head))
    known = {name.casefold() for name in (*alone, *heads) if name is not None}
    names = pa.array((SEPARATOR.join(_artists(credit, known)) for credit in combined), pa.string())
    return pc.replace_with_mask(credit_texts, pc.fill_null(composite, False), names)  # noqa: FBT003 - Arrow's own


def _head(credit: str) -> str:
    return _GUESTS.split(credit, maxsplit=1)[0]


def _artists(credit: str, known: Collection[str]) -> Iterator[str]:
    for group in _GUESTS.split(credit):
        yield from _members(group.rstrip(")") if "(" not in group else group, known)


def _members(group: str, known: Collection[str]) -> Iterator[str]:
    for separator in _AND.finditer(group):
        first = group[: separator.start()]
        if first.casefold() in known:
            yield first
            yield from _members(group[separator.end() :], known)
            return
    yield group
