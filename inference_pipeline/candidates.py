"""What is known of each recording that may be recommended."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from inference_pipeline.versions import song_keys
from segue.groups import AUDIO_FEATURES
from segue.models.catalog import LABELS, Catalog
from segue.recordings import normalize_artists

COLUMNS = tuple(
    dict.fromkeys((*LABELS, "album", "artist_genres", "explicit", "year", "popularity_percentile", *AUDIO_FEATURES))
)
"""What the catalog must be read with."""

LOOKED_AT = ["year", "explicit", "popularity_percentile", *AUDIO_FEATURES]
"""What filters look at as it is."""

NOISE = r"(?i)\b(?:white|brown|pink|fan|rain|ocean|nature)\s+(?:noises?|sounds?)\b"
"""Titles of what helps to sleep, but has neither tune nor beat."""
GUESTS = r"(?i)(?:[(\[](?:feat\.?|ft\.?|featuring|with)\s+([^)\]]+)|\s(?:feat\.|ft\.|featuring)\s+(.+))"
BETWEEN = r"(?i)\s*(?:,|&|\+|/|\s(?:and|x)\s)\s*"


def describe_candidates(catalog: Catalog, recording_ids: pd.Index[str]) -> pd.DataFrame:
    """Return what is known of each recording, in the order of `recording_ids` (the rows of a model).

    Parameters
    ----------
    catalog : Catalog
        Read with `COLUMNS`.

    Returns
    -------
    DataFrame
        Numbered from 0: the columns `LOOKED_AT`; ``track_id``; ``labels``, the genres of the track and of its artists,
        and ``credits``, the normalized names of its artists and of the guests in its title, both joined by ``;``;
        ``first_artist``, the first of these; ``song``, equal for versions of a song; ``noise``, whether its title says
        that it is no music. ``recommendable`` says whether it is (still) in the catalog.
    """
    known = catalog.recordings.reindex(recording_ids)
    credited = credits_of(known)
    # Texts as objects: of these a choice copies references, not the texts.
    return (
        known[LOOKED_AT]
        .reset_index(drop=True)
        .assign(
            track_id=recording_ids.to_numpy(object),
            labels=(known["genres"].fillna("") + ";" + known["artist_genres"].fillna(""))
            .str.strip(";")
            .to_numpy(object),
            credits=np.array(credited, object),
            first_artist=np.array([names.partition(";")[0] for names in credited], object),
            song=song_keys(known).to_numpy(object),
            noise=known["title"].str.contains(NOISE, regex=True).fillna(value=False).to_numpy(bool),
            recommendable=catalog.recommendable(recording_ids),
        )
        .copy()
    )


def _with_guests(known: pd.DataFrame) -> pd.Series:
    """Return the artists of each recording, and whom its title alone names: "Lean On (feat. MØ & DJ Snake)"."""
    named = known["title"].str.extract(GUESTS)
    guests = named[0].fillna(named[1])
    # Whole too: "Florence + The Machine" is one.
    guests = guests + ";" + guests.str.replace(BETWEEN, ";", regex=True)
    return known["artists"].fillna("").str.cat(guests.fillna(""), sep=";").str.strip(";")


def credits_of(recordings: pd.DataFrame) -> list[str]:
    """Return the normalized names of the artists of each recording, and of the guests in its title, joined by ``;``.

    Parameters
    ----------
    recordings : DataFrame
        With columns title and artists, of text.
    """
    names = pc.split_pattern(pa.array(_with_guests(recordings).to_list(), pa.string()), ";")
    # Normalizing does not touch the separation: one pass over all names, then the lists are put together again.
    normalized = normalize_artists(pc.list_flatten(names))
    joined: list[str] = pc.binary_join(pa.ListArray.from_arrays(names.offsets, normalized), ";").to_pylist()
    return joined
