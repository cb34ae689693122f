"""Why a recording is recommended, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from inference_pipeline.sound import in_words, shared_sound
from segue.models.blend import Blend
from segue.models.catalog import Catalog
from segue.models.ranking import Query, Ranking

MOST_SEEDS = 3
NONE = -1
FEATURING = r"\s*[(\[](?:feat\.|ft\.|featuring|with) [^)\]]*[)\]]"
UNLIKE = "Unlike what was disliked"
LINKS = {
    "playlists": ("als", "neighbors", "embedding"),
    "genre": ("genre", "tags"),
    "artist": ("artist",),
    "era": ("era",),
    "sound": ("audio", "autoencoder"),
}
"""What links a recording to a seed, and the spaces that say so; the others only say how well known it is."""
LINK_NAMES = tuple(LINKS)
LINK_WORDS = {"artist": "same artist", "era": "same years", "sound": "close in sound"}
TOGETHER, WOULD_BE_TOGETHER = "often together in playlists", "at home on the same playlists"
SAME_GENRE, SIMILAR_GENRES = "same genre: ", "similar genres"


@dataclass(frozen=True)
class Evidence:
    """What speaks for each recording of a ranking; `NONE` fills what is missing.

    Attributes
    ----------
    rows : ndarray of int, shape (n,)
        The recordings.
    seeds : ndarray of int, shape (n, 3)
        Rows of the seeds with the largest terms of the sum, the largest first; only those that raise it.
    links : ndarray of int, shape (n,)
        What links them to the recording, more than to others of the ranking, by its place in `LINKS`.
    sound : ndarray of int, shape (n, 2)
        What the recording and these seeds have in common, as `inference_pipeline.sound.shared_sound` codes it.
    """

    rows: NDArray[np.intp]
    seeds: NDArray[np.intp]
    links: NDArray[np.intp]
    sound: NDArray[np.intp]


def labels(catalog: Catalog, recording_ids: Any) -> list[str]:
    """Return what each recording is called: ``title by first artist``, or its id where it has no title."""
    named = catalog.recordings.reindex(recording_ids)
    titles = named["title"].str.replace(FEATURING, "", regex=True)
    text = titles.str.cat(" by " + named["artists"].str.partition(";")[0], na_rep="")
    return text.where(named["title"].notna(), recording_ids.to_series()).to_list()


def find_evidence(model: Blend, query: Query, ranking: Ranking) -> Evidence:
    """Find the seeds with the largest terms, what links them, and how both sound."""
    terms = model.terms(query, ranking.rows)
    total = np.sum(list(terms.values()), axis=0)
    # What is far from a disliked seed gains by it, but is not like it.
    total[:, query.preferences <= 0] = 0
    columns = largest(total, MOST_SEEDS)
    raises = np.take_along_axis(total, columns, axis=1) > 0
    named = query.seeds[columns]
    strengths = np.stack([_strength(terms, spaces, columns, raises) for spaces in LINKS.values()], axis=1)
    # All that is on the list is on the same playlists, or of the same genre: what is said is what sets this one apart.
    apart = np.where(strengths > 0, strengths - strengths.mean(axis=0), -np.inf)
    links = np.where(strengths.max(axis=1) > 0, apart.argmax(axis=1), NONE)
    sound = shared_sound(model.normal_scores[ranking.rows], model.normal_scores[named], raises)
    seeds = np.pad(np.where(raises, named, NONE), ((0, 0), (0, MOST_SEEDS - named.shape[1])), constant_values=NONE)
    return Evidence(ranking.rows, seeds, links, sound)


def phrase(model: Blend, catalog: Catalog, evidence: Sequence[Evidence]) -> pa.Array:
    """Put the evidence for one or more rankings into words: one text for each recording."""
    seeds = np.concatenate([found.seeds for found in evidence])
    named, positions = np.unique(seeds, return_inverse=True)
    names = pa.array(labels(catalog, model.track_ids[named]), pa.string())
    songs = _enumerate(names, np.where(seeds == NONE, NONE, positions.reshape(seeds.shape)))
    links = pa.array(_link_words(model, catalog, evidence), pa.string())
    codes = np.concatenate([found.sound for found in evidence])
    sound = in_words(codes, several=seeds[:, 1] != NONE)
    why = pc.coalesce(pc.binary_join_element_wise(links, sound, "; "), links, sound)
    because = pc.fill_null(pc.binary_join_element_wise(": ", why, ""), "")
    return pc.fill_null(pc.binary_join_element_wise("Like ", songs, because, ""), UNLIKE)


def largest(values: NDArray[Any], most: int) -> NDArray[np.intp]:
    """Return the columns of the `most` largest values of each row, the largest first; fewer columns stay fewer."""
    most = min(most, values.shape[1])
    found = np.argpartition(-values, most - 1, axis=1)[:, :most]
    order = np.argsort(-np.take_along_axis(values, found, axis=1), axis=1, kind="stable")
    return np.take_along_axis(found, order, axis=1)


def _strength(terms: Any, spaces: Sequence[str], columns: NDArray[np.intp], raises: NDArray[np.bool_]) -> NDArray[Any]:
    """Return what the named seeds add through `spaces`."""
    found = [np.take_along_axis(terms[name], columns, axis=1) for name in spaces if name in terms]
    summed: NDArray[Any] = (np.sum(found, axis=0) * raises).sum(axis=1) if found else np.zeros(len(columns))
    return summed


def _link_words(model: Blend, catalog: Catalog, evidence: Sequence[Evidence]) -> NDArray[np.object_]:
    rows = np.concatenate([found.rows for found in evidence])
    seeds = np.concatenate([found.seeds for found in evidence])[:, 0]
    links = np.concatenate([found.links for found in evidence])
    words: NDArray[np.object_] = np.array([LINK_WORDS.get(name) for name in (*LINK_NAMES, "none")], dtype=object)[links]
    by_playlists, by_genre = links == LINK_NAMES.index("playlists"), links == LINK_NAMES.index("genre")
    listed = np.zeros(len(rows), bool) if model.known is None else model.known[rows]
    words[by_playlists] = np.where(listed[by_playlists], TOGETHER, WOULD_BE_TOGETHER)
    words[by_genre] = _genre_words(model, catalog, rows[by_genre], seeds[by_genre])
    return words


def _genre_words(model: Blend, catalog: Catalog, rows: NDArray[np.intp], seeds: NDArray[np.intp]) -> list[str]:
    """Return the first genre that each recording shares with its first seed."""
    needed, places = np.unique(np.concatenate([rows, seeds]), return_inverse=True)
    labelled = catalog.recordings[["genres", "artist_genres"]].reindex(model.track_ids[needed]).fillna("")
    split = [
        [name for name in text.split(";") if name] for text in labelled["genres"] + ";" + labelled["artist_genres"]
    ]
    pairs = zip(places[: len(rows)], places[len(rows) :], strict=True)
    shared = (next((genre for genre in split[seed] if genre in split[row]), None) for row, seed in pairs)
    return [SIMILAR_GENRES if genre is None else SAME_GENRE + genre for genre in shared]


def _enumerate(names: pa.Array, positions: NDArray[np.intp]) -> pa.Array:
    """Return "a", "a and b" or "a, b and c" for each row; null where its first position is `NONE`."""
    columns = [names.take(pa.array(column, mask=column == NONE)) for column in positions.T]
    text = columns[0]
    for position, following in enumerate(columns[1:], start=1):
        last = positions[:, position + 1 :].max(axis=1, initial=NONE) == NONE
        separator = pc.if_else(pa.array(last), " and ", ", ")
        text = pc.coalesce(pc.binary_join_element_wise(text, following, separator), text)
    return text
