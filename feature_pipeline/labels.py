"""Sets of labels in one text, separated by ``;``: artists, genres."""

from __future__ import annotations

import ast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

SEPARATOR = ";"
# A name such as "[Alexandros]" or "[:SITD:]" has no quotes inside its brackets.
_LIST = r"""^\s*\[\s*(?:['"].*['"]\s*)?\]\s*$"""


def unpack_lists(values: pa.Array) -> pa.Array:
    """Return texts in which a Python list is written as labels: ``['A', "B's"]`` becomes ``A;B's``.

    >>> unpack_lists(pa.array(["['A', 'B']", "[Alexandros]", "Crosby, Stills & Nash"])).to_pylist()
    ['A;B', '[Alexandros]', 'Crosby, Stills & Nash']
    """
    lists = pc.fill_null(pc.match_substring_regex(values, _LIST), False)  # noqa: FBT003 - Arrow has no keyword here
    if not pc.any(lists).as_py():
        return values
    return pc.replace_with_mask(values, lists, _unpack(values.filter(lists)))


def _unpack(lists: pa.Array) -> pa.Array:
    inside = pc.utf8_trim(pc.utf8_trim_whitespace(lists), "[]")
    plain = pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(inside), 1, -1)
    # A separator inside a name would tear it apart.
    plain = pc.replace_substring(plain, SEPARATOR, ",")
    plain = pc.replace_substring_regex(plain, r"""['"],\s*['"]""", SEPARATOR)
    escaped = pc.match_substring(lists, "\\")
    if not pc.any(escaped).as_py():
        return plain
    return pc.replace_with_mask(plain, escaped, pa.array(map(_literal, lists.filter(escaped).to_pylist()), pa.string()))


def _literal(text: str) -> str:
    try:
        return SEPARATOR.join(str(label).replace(SEPARATOR, ",") for label in ast.literal_eval(text.strip()))
    except (SyntaxError, ValueError):
        return text


def tidy_labels(values: pa.Array) -> pa.Array:
    """Return labels without spaces around the separators, and without empty ones.

    >>> tidy_labels(pa.array(["A ; B;", "C"])).to_pylist()
    ['A;B', 'C']
    """
    untidy = pc.fill_null(pc.match_substring_regex(values, r"\s;|;\s|;;|^;|;$"), False)  # noqa: FBT003 - as above
    if not pc.any(untidy).as_py():
        return values
    tidied = pc.replace_substring_regex(values.filter(untidy), r"\s*;[\s;]*", SEPARATOR)
    return pc.replace_with_mask(values, untidy, pc.utf8_trim(tidied, SEPARATOR))


def union_labels(rows: npt.NDArray[np.int64], labels: pa.Array, count: int) -> pa.Array:
    """Return `count` texts: for each row, all its different labels, sorted; null where there is none.

    Parameters
    ----------
    rows : array of int64, shape (m,)
        The row that each text belongs to.
    labels : array of text, shape (m,)
        Labels, separated by ``;``.
    count : int
        The number of rows.
    """
    split = pc.split_pattern(labels, SEPARATOR)
    owners = pa.array(rows).take(pc.list_parent_indices(split))
    pairs = pa.table({"row": owners, "label": pc.list_flatten(split)}).group_by(["row", "label"]).aggregate([])
    pairs = pairs.filter(pc.not_equal(pairs["label"], "")).sort_by([("row", "ascending"), ("label", "ascending")])
    joined = pairs.group_by("row", use_threads=False).aggregate([("label", "list")])
    texts = pc.binary_join(joined["label_list"].combine_chunks(), SEPARATOR)
    return texts.take(pc.index_in(pa.array(np.arange(count)), joined["row"]))
