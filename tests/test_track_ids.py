"""Track ids in all the ways in which they are written."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.track_ids import read_track_id, read_track_ids

ID = "4GiXBCUF7H6YfNQsnBRIzl"


@pytest.mark.parametrize(
    "text",
    [
        ID,
        f" {ID}\n",
        f"spotify:track:{ID}",
        f"https://open.spotify.com/track/{ID}",
        f"http://open.spotify.com/intl-de/track/{ID}?si=1&x=y",
        f"https://open.spotify.com/intl-pt-BR/track/{ID}#t=1",
    ],
)
def test_ids_uris_and_links(text: str) -> None:
    """Whatever Spotify's "share" gives is the id in it."""
    assert read_track_id(text) == ID


@pytest.mark.parametrize(
    "text",
    [
        "",
        "17",
        ID[1:],
        f"{ID}x",
        f"spotify:album:{ID}",
        f"https://open.spotify.com/artist/{ID}",
        f"Song {ID}",
        "é" * 22,
    ],
)
def test_everything_else_is_none(text: str) -> None:
    """Other things of Spotify's have such ids too."""
    assert read_track_id(text) is None


_PIECES = st.sampled_from(
    ["spotify:track:", "https://open.spotify.com/", "track/", "intl-de/", ID, "?si=1", " ", "x", ""]
)


@given(st.lists(st.none() | st.lists(_PIECES, max_size=4).map("".join) | st.text(max_size=30), max_size=5))
def test_one_or_many(texts: list[str | None]) -> None:
    """A column of texts is read as each of them is."""
    expected = [None if text is None else read_track_id(text) for text in texts]
    assert read_track_ids(pa.array(texts, pa.string())).to_pylist() == expected
