"""Which recordings are versions of the same song: the live take, the remix, the acoustic one."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segue.groups import DTYPES
from segue.recordings import normalize_artists, normalize_titles

# What follows the song's own name: "… - Live at Wembley", "… (Acoustic)", "… [Remix]".
SONG = r"^(.+?)(?:\s*[(\[]|\s+[-–—]\s).*$"


def song_keys(recordings: pd.DataFrame) -> pd.Series:
    """Return a key for each row, equal for versions of a song by the same first artist.

    Parameters
    ----------
    recordings : DataFrame
        With columns title and artists; without a title a row is a song of its own.
    """
    songs = pc.replace_substring_regex(pa.array(recordings["title"], pa.string()), SONG, r"\1")
    artists = pa.array(recordings["artists"].str.split(";").str[0], pa.string())
    normalized = pd.DataFrame(
        {"title": normalize_titles(songs).to_pylist(), "artist": normalize_artists(artists).to_pylist()},
        index=recordings.index,
        dtype=DTYPES["text"],
    )
    keys = normalized["title"].str.cat(normalized["artist"], sep="\x1f", na_rep="")
    return keys.where(recordings["title"].notna(), recordings.index.astype(DTYPES["text"]).array)
