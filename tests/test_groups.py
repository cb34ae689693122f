"""The feature groups' schemas: what fits is told quickly, what does not is told by pandera."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandera.errors import SchemaError as PanderaError

from segue.groups import DTYPES, GROUPS, LISTENERS, TRACKS, Column, FeatureGroup
from segue.quick_check import fits

MEANING = "Of no meaning"
COLUMNS = [
    Column("text", MEANING, pattern=r"^[a-c]{2}$"),
    Column("text", MEANING, nullable=True, pattern=r"^[a-c]{2}$"),
    Column("text", MEANING, choices=("ab", "c")),
    Column("text", MEANING, nullable=True, choices=("ab", "c")),
    Column("integer", MEANING, nullable=True, low=-1, high=2),
    Column("integer", MEANING, low=0),
    Column("real32", MEANING, nullable=True, low=0, high=1),
    Column("real64", MEANING, high=0),
    Column("flag", MEANING),
    Column("flag", MEANING, nullable=True),
    Column("time", MEANING),
]
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": st.none() | st.sampled_from(["ab", "c", "", "abc", "ab\n", "Ab"]),
    "integer": st.none() | st.integers(-2, 3),
    "real32": st.sampled_from([np.nan, np.inf, -np.inf, -0.0, 0.0, 0.5, 1.0, 1.5]),
    "real64": st.sampled_from([np.nan, np.inf, -np.inf, -0.0, 0.0, 0.5]),
    "flag": st.none() | st.booleans(),
    "time": st.sampled_from([pd.NaT, pd.Timestamp(0, tz="UTC")]),
}


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: f"{column.kind} {column.low} {column.choices}")
@given(data=st.data())
def test_the_quick_check_and_pandera_agree(column: Column, data: st.DataObject) -> None:
    """On every kind of column, whatever it holds: nothing at all, what is missing, what is at the edge."""
    values = data.draw(st.lists(VALUES[column.kind], max_size=4))
    frame = pd.DataFrame({"column": pd.Series(values, dtype=DTYPES[column.kind])})
    group = FeatureGroup("group", 1, ("column",), MEANING, {"column": column})
    try:
        group.schema.validate(frame)
        allowed = True
    except PanderaError:
        allowed = False
    assert fits(frame, group.columns) == allowed


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_a_group_of_no_rows_fits(group: FeatureGroup) -> None:
    """Nothing has been kept yet."""
    empty = group.validate(pd.DataFrame(columns=list(group.columns)))
    assert list(empty.columns) == list(group.columns)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_every_group_says_what_it_means(group: FeatureGroup) -> None:
    """A group's key is among its columns, and group and columns carry a meaning for people."""
    assert set(group.primary_key) <= set(group.columns)
    assert not any(group.columns[name].nullable for name in group.primary_key)
    assert group.meaning
    assert all(column.meaning for column in group.columns.values())


def test_tracks_hold_every_audio_feature_and_listeners_an_encrypted_token() -> None:
    """The two groups that others are built on."""
    assert {"danceability", "valence", "tempo", "time_signature"} <= set(TRACKS.columns)
    assert "encrypted" in LISTENERS.columns["token"].meaning
