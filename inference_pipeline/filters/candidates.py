"""The lists that filters look at: numbers, so that choosing and looking up cost next to nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segue.models.catalog_rows import flatten, split_names


@dataclass(frozen=True)
class Names:
    """The names that each recording has: its labels, say, or its artists.

    Attributes
    ----------
    numbers : mapping of str to int
        The number of each name, from 0.
    codes : ndarray of int32
        The numbers of the names that each recording has, one recording after the other; each once, in its own order.
    starts : ndarray of int32, shape (n + 1,)
        Where those of each recording begin, and all end.
    """

    numbers: Mapping[str, int]
    codes: NDArray[np.int32]
    starts: NDArray[np.int32]

    @classmethod
    def split(cls, joined: pd.Series) -> Names:
        """Read the names in texts that join them by ``;``."""
        rows, codes, vocabulary = flatten(split_names(joined))
        distinct = np.array([name != "" for name in vocabulary], bool)[codes]
        _, first = np.unique(rows * (len(vocabulary) + 1) + codes, return_index=True)
        kept = np.sort(first[distinct[first]])
        starts = np.searchsorted(rows[kept], np.arange(len(joined) + 1))
        return cls(_numbered(vocabulary), codes[kept].astype(np.int32), starts.astype(np.int32))

    def at(self, rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
        """Return the names that `rows` have: of each its place in `rows`, and its number."""
        starts = self.starts[rows]
        counts = self.starts[rows + 1] - starts
        places = np.repeat(np.arange(len(rows)), counts)
        return places, self.codes[np.arange(len(places)) + (starts - np.cumsum(counts) + counts)[places]]

    def any_of(self, rows: NDArray[np.intp], names: AbstractSet[str]) -> NDArray[np.bool_]:
        """Return which of `rows` have any of these names."""
        places, codes = self.at(rows)
        found = np.zeros(len(rows), bool)
        found[places[_wanted(self.numbers, names, codes)]] = True
        return found


@dataclass(frozen=True)
class Described:
    """What is known of all recordings, as filters look at it; each part is laid out when it is first needed.

    Attributes
    ----------
    frame : DataFrame
        As `inference_pipeline.candidates.describe_candidates` returns it.
    """

    frame: pd.DataFrame

    @cached_property
    def numbers(self) -> dict[str, NDArray[np.floating[Any]]]:
        """The columns that hold numbers and truths (1 and 0), by name; NaN where nothing is known."""
        texts = self.frame.select_dtypes(["object", "string"]).columns
        columns = self.frame.drop(columns=texts)
        # Those of single precision stay so: 0.66 is then no more than 0.66.
        return {
            str(name): values.to_numpy("float32" if values.dtype == np.float32 else "float64", na_value=np.nan)
            for name, values in columns.items()
        }

    @cached_property
    def labels(self) -> Names:
        """The genres of each recording, and of its artists."""
        return Names.split(self.frame["labels"])

    @cached_property
    def credits(self) -> Names:
        """The normalized names of who made each recording."""
        return Names.split(self.frame["credits"])

    @cached_property
    def songs(self) -> tuple[NDArray[np.intp], Mapping[str, int]]:
        """The number of each recording's song, and the numbers of the songs by their keys."""
        codes, keys = pd.factorize(self.frame["song"])
        return np.asarray(codes, np.intp), _numbered(keys)

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """The row of each recording, by its track_id."""
        return _numbered(self.frame["track_id"])

    def prepare(self) -> None:
        """Lay everything out."""
        _ = self.numbers, self.labels, self.credits, self.songs, self.rows


@dataclass(frozen=True)
class Candidates:
    """Some of the recordings, mostly the best first.

    Attributes
    ----------
    described : Described
    rows : ndarray of int, shape (n,)
        Which of all.
    """

    described: Described
    rows: NDArray[np.intp]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Candidates:
        """Return all recordings of a table."""
        return cls(Described(frame), np.arange(len(frame)))

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> Candidates:
        return Candidates(self.described, self.rows[chosen])

    def column(self, name: str) -> NDArray[np.floating[Any]]:
        """Return the numbers in a column, shape (n,); NaN where nothing is known."""
        return self.described.numbers[name][self.rows]

    @cached_property
    def genres(self) -> tuple[NDArray[np.intp], NDArray[np.int32], NDArray[np.float64]]:
        """The genre labels: of each the place of its candidate, its number, and its share, equal for all of one's."""
        places, codes = self.described.labels.at(self.rows)
        return places, codes, 1 / np.bincount(places)[places]

    def among(self, recordings: AbstractSet[str]) -> NDArray[np.bool_]:
        """Return which are any of these recordings."""
        return _wanted(self.described.rows, recordings, self.rows)

    def labeled(self, genres: AbstractSet[str]) -> NDArray[np.bool_]:
        """Return which have any of these genre labels."""
        return self.described.labels.any_of(self.rows, genres)

    def credited(self, artists: AbstractSet[str]) -> NDArray[np.bool_]:
        """Return in which any of these artists, by their normalized names, has a part."""
        return self.described.credits.any_of(self.rows, artists)

    def songs(self) -> NDArray[np.intp]:
        """Return a number for the song of each, equal for its versions."""
        return self.described.songs[0][self.rows]

    def repeated(self) -> NDArray[np.bool_]:
        """Return which are versions of a song further up."""
        songs, places = self.songs(), np.arange(len(self))
        first = np.empty(len(self.described.songs[1]), np.intp)
        # Written from the last one on, what stays of a song is its first place.
        first[songs[::-1]] = places[::-1]
        return np.asarray(first[songs] < places)

    def versions_of(self, songs: AbstractSet[str]) -> NDArray[np.bool_]:
        """Return which are versions of these songs, by their keys."""
        return _wanted(self.described.songs[1], songs, self.songs())


def _numbered(keys: Iterable[str]) -> Mapping[str, int]:
    """Return the place of each of some keys: a hundred are found in it while pandas' index gets ready."""
    return {key: number for number, key in enumerate(keys)}


def _wanted(numbers: Mapping[str, int], wanted: AbstractSet[str], codes: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """Return which of `codes` are numbers of what is wanted, shape (n,); what has no number says nothing."""
    if not wanted:
        return np.zeros(len(codes), bool)
    marked = np.zeros(len(numbers), bool)
    marked[[numbers[name] for name in wanted if name in numbers]] = True
    return np.asarray(marked[codes])
