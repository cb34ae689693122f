"""Whether a frame fits its feature group: the common case, told quickly."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from segue.groups import Column


def fits(frame: pd.DataFrame, columns: Mapping[str, Column]) -> bool:
    """Return whether every value of a frame is one that its column allows.

    That is what pandera says, too, which takes 2 ms for each column however short it is: most of the time of a page of
    the app, or of a listener's night, that reads a few rows of many groups. Pandera says what is wrong where
    something is.

    Parameters
    ----------
    frame : DataFrame
        Of the dtypes of its columns, as `FeatureGroup.cast` leaves it.
    columns : mapping of str to Column
        What each of them may hold.
    """
    return all(_allows(column, frame[name]) for name, column in columns.items())


def _allows(column: Column, values: pd.Series) -> bool:
    # What is missing compares as neither, and is skipped by `any` and `all`.
    return (
        (column.nullable or not values.isna().any())
        and (column.low is None or not (values < column.low).any())
        and (column.high is None or not (values > column.high).any())
        and (column.pattern is None or bool(values.str.match(column.pattern).all()))
        and (not column.choices or bool((values.isin(column.choices) | values.isna()).all()))
    )
