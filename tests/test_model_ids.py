"""Finding the rows of tracks among the ids of a model."""

from __future__ import annotations

import string

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from segue.groups import DTYPES
from segue.models.ids import ID_BYTES, TrackIds

IDS = st.text(string.ascii_letters + string.digits, min_size=22, max_size=22)


@given(st.data())
def test_rows_are_those_of_an_index_of_the_same_ids(data: st.DataObject) -> None:
    """Whatever order the model's rows have, and whatever is asked for: strangers, other texts, missing values."""
    known = data.draw(st.lists(IDS, unique=True, min_size=1, max_size=20))
    asked = data.draw(st.lists(st.sampled_from(known) | IDS | st.text(max_size=30) | st.none(), max_size=20))
    ids = TrackIds(np.array(known, ID_BYTES))
    expected = pd.Index(known, dtype=DTYPES["text"], name="track_id")
    assert ids.index().equals(expected)
    assert ids.index().name == "track_id"
    assert ids.rows(asked).tolist() == expected.get_indexer(pd.Index(asked, dtype=DTYPES["text"])).tolist()


def test_columns_in_several_pieces_are_searched_like_one() -> None:
    """As they are after frames were put together."""
    ids = TrackIds(np.array([f"{number:022d}" for number in (3, 1, 2)], ID_BYTES))
    texts = pd.Series(ids.index())
    assert ids.rows(pd.concat([texts[2:], texts[:1]])).tolist() == [2, 0]
