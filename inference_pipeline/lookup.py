"""From what a person types to a recording of the catalog."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from inference_pipeline.reasons import labels
from segue.errors import InputError
from segue.models.catalog import Catalog
from segue.recordings import normalize_artists, normalize_titles
from segue.track_ids import read_track_id

LINK = r"https?://|spotify:\w+:|open\.spotify\.com/"
LEADS_TO = r"(?:spotify:|(?:https?://)?open\.spotify\.com/(?:intl-[\w-]+/)?)(album|artist|episode|playlist|show|user)\b"
TRACK_LINK = "https://open.spotify.com/track/…"
SUGGESTIONS = 3
LEAST_LIKENESS = 70


def find_recordings(catalog: Catalog, text: str) -> list[str]:
    """Return the recordings that `text` may mean: a Spotify URL, URI or id, a title, or a title and its artist.

    Of several with the same title, the most popular one first.

    Raises
    ------
    InputError
        If there is none; the message suggests what is spelled alike.
    """
    text = text.strip()
    track_id = read_track_id(text)
    if track_id is None and re.match(LINK, text):
        raise InputError(f"{text!r} is {leads_elsewhere(text) or 'no link to a track'}: give one such as {TRACK_LINK}")
    if track_id and track_id in catalog.tracks.index:
        return [str(catalog.tracks.loc[track_id, "recording_id"])]
    titles = normalize_titles(pa.array(catalog.recordings["title"], pa.string()))
    artists = normalize_artists(pa.array(catalog.recordings["artists"].str.partition(";")[0], pa.string()))
    wanted = normalize_titles([text])[0].as_py() or text
    named = catalog.recordings[_is_called(titles, artists, wanted)]
    # A bare id that the catalog lacks may be a title of 22 letters.
    if track_id and (named.empty or track_id != text):
        raise InputError(f"track {track_id} is not in the catalog: name a song by its title, or add its dataset")
    if named.empty:
        raise InputError(_suggest(catalog, titles, artists, text, wanted))
    return [*named.sort_values("popularity", ascending=False, na_position="last", kind="stable").index]


def leads_elsewhere(text: str) -> str | None:
    """Return what a link of Spotify's is, where it does not lead to a track; None for all other text.

    >>> leads_elsewhere("https://open.spotify.com/album/4GiXBCUF7H6YfNQsnBRIzl")
    'a link to an album'
    """
    found = re.match(LEADS_TO, text)
    return found and f"a link to {'an' if found[1][0] in 'ae' else 'a'} {found[1]}"


def who_else(catalog: Catalog, recordings: list[str]) -> str:
    """Return whose `recordings` are, the first few by name."""
    artists = catalog.recordings.loc[recordings, "artists"].str.partition(";")[0].dropna().head(SUGGESTIONS)
    more = len(recordings) - len(artists)
    return " and ".join(filter(None, [", ".join(artists), f"{more} more" if more else ""]))


def _is_called(titles: pa.Array, artists: pa.Array, wanted: str) -> NDArray[np.bool_]:
    the = pc.binary_join_element_wise("the", artists, " ")
    orders = [(titles, artists), (titles, the), (artists, titles), (the, titles)]
    spellings = [titles, *(pc.binary_join_element_wise(*pair, " ") for pair in orders)]
    called = [pc.fill_null(pc.equal(spelling, wanted), False).to_numpy(zero_copy_only=False) for spelling in spellings]  # noqa: FBT003 - pyarrow takes the value by position
    return np.asarray(np.logical_or.reduce(called))


def _suggest(catalog: Catalog, titles: pa.Array, artists: pa.Array, text: str, wanted: str) -> str:
    from rapidfuzz import fuzz, process

    both = pc.binary_join_element_wise(titles, artists, " ")
    likeness = pd.concat(
        pd.Series(process.cdist([wanted], spelling.to_pylist(), scorer=fuzz.ratio, score_cutoff=LEAST_LIKENESS)[0])
        for spelling in (titles, both)
    )
    best = likeness[likeness > 0].groupby(level=0).max().sort_values(ascending=False, kind="stable")
    if best.empty:
        return f"no track called {text!r}; check the spelling"
    names = labels(catalog, catalog.recordings.index[best.index[:SUGGESTIONS]])
    return f"no track called {text!r}; did you mean {', or '.join(names)}?"
