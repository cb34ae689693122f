"""Cleaning the values of a dataset: its texts, its numbers, its years."""

from __future__ import annotations

from collections import Counter
from unicodedata import is_normalized, normalize

import pyarrow as pa
import pyarrow.compute as pc

from segue.groups import TRACKS

FAILED_ANALYSIS = ("danceability", "valence", "tempo", "time_signature")
"""Features that no sound has at exactly 0: there Spotify's analysis failed."""

_ORDINARY = r"^(?:[!-~](?:[ -~]*[!-~])?)?$"
# A byte read as a character, or two non-ASCII ones of which the first is a lead byte of UTF-8 in some single-byte code.
_LEADS = r"[\x{c2}-\x{f4}\x{ac}\x{192}\x{201a}\x{2026}\x{221a}\x{393}\x{420}\x{421}\x{2500}-\x{257f}]"
_PERHAPS_MOJIBAKE = rf"[\x{{80}}-\x{{9f}}]|{_LEADS}[^\x{{00}}-\x{{7f}}]"
_CONTROLS = r"[\x{00}-\x{1f}\x{7f}-\x{9f}]+"
_INVISIBLE = r"[\x{ad}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2064}\x{feff}]"


def clean_text(values: pa.Array, counts: Counter[str]) -> pa.Array:
    """Return texts free of mojibake, control and zero-width characters and edge spaces, in Unicode's NFC.

    Parameters
    ----------
    values : array of text
    counts : Counter
        ``"text repaired"`` grows by the number of texts that changed.
    """
    odd = pc.fill_null(pc.invert(pc.match_substring_regex(values, _ORDINARY)), False)  # noqa: FBT003 - Arrow's own
    if not pc.any(odd).as_py():
        return _empty_to_null(values)
    before = values.filter(odd)
    after = _repair(before)
    counts["text repaired"] += pc.sum(pc.not_equal(before, after)).as_py() or 0
    return _empty_to_null(pc.replace_with_mask(values, odd, after))


def _repair(before: pa.Array) -> pa.Array:
    after = pc.replace_substring_regex(_normalize(_fix_mojibake(before)), _CONTROLS, " ")
    after = pc.utf8_trim_whitespace(pc.replace_substring_regex(after, _INVISIBLE, ""))
    # One repair may bring another fault to light: what changed is looked at again. Every repair but NFC shortens.
    changed = pc.fill_null(pc.not_equal(before, after), False)  # noqa: FBT003 - Arrow's own
    return pc.replace_with_mask(after, changed, _repair(after.filter(changed))) if pc.any(changed).as_py() else after


def _fix_mojibake(values: pa.Array) -> pa.Array:
    suspects = pc.unique(values.filter(pc.match_substring_regex(values, _PERHAPS_MOJIBAKE))).to_pylist()
    if not suspects:
        return values
    from ftfy import fix_encoding
    from ftfy.badness import is_bad

    return _replace(values, {text: fix_encoding(text) for text in suspects if is_bad(text)})


def _normalize(values: pa.Array) -> pa.Array:
    # Arrow's own utf8_normalize decomposes, whichever form it is asked for.
    distinct = pc.unique(values).to_pylist()
    return _replace(values, {text: normalize("NFC", text) for text in distinct if not is_normalized("NFC", text)})


def _replace(values: pa.Array, replacements: dict[str, str]) -> pa.Array:
    if not replacements:
        return values
    position = pc.index_in(values, pa.array(replacements, pa.string()))
    return pc.coalesce(pa.array(replacements.values(), pa.string()).take(position), values)


def _empty_to_null(values: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(values, ""), None, values)


def clean_number(name: str, values: pa.Array, counts: Counter[str]) -> pa.Array:
    """Return a column of `TRACKS` with impossible values missing: failed analyses, and what is out of range.

    Parameters
    ----------
    name : str
        The column.
    values : array of numbers or flags
    counts : Counter
        ``"<name>: analysis failed"`` and ``"<name>: out of range"`` grow by the number of values made missing.
    """
    values = values.cast(pa.float64())
    values = pc.if_else(pc.is_finite(values), values, None)
    if name in FAILED_ANALYSIS:
        values = _forget(values, pc.equal(values, 0), f"{name}: analysis failed", counts)
    column = TRACKS.columns[name]
    if column.kind == "integer":
        values = pc.round(values)
    for bound, breaks in ((column.low, pc.less), (column.high, pc.greater)):
        if bound is not None:
            values = _forget(values, breaks(values, bound), f"{name}: out of range", counts)
    return values


def _forget(values: pa.Array, where: pa.Array, reason: str, counts: Counter[str]) -> pa.Array:
    affected = pc.sum(where).as_py() or 0
    if not affected:
        return values
    counts[reason] += affected
    return pc.if_else(where, None, values)


def clean_year(values: pa.Array, counts: Counter[str]) -> pa.Array:
    """Return the year out of years and dates, as numbers.

    >>> clean_year(pa.array(["1969-09-26", "1999", "2014-01-01 00:00:00 UTC", "0"]), Counter()).to_pylist()
    [1969.0, 1999.0, 2014.0, None]
    """
    digits = pc.struct_field(pc.extract_regex(values, r"^\s*(?P<year>\d{1,4})"), "year")
    return clean_number("year", digits.cast(pa.int64()), counts)
