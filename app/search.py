"""Finding a song while it is typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import tantivy

from segue.models.catalog import Catalog
from segue.recordings import normalize_titles, normalize_words, recording_keys
from segue.track_ids import read_track_id

MOST_LETTERS, MOST_WORDS = 200, 12
"""What is typed beyond this is not looked at."""
LEAST_TO_MISTYPE = 4
"""Shorter words have too many others one letter away."""
LEAST_TO_BEGIN = 4
"""Fewer letters begin so many names that looking through them takes longer than typing the next one."""
SHOWN = ["title", "artists", "year", "album"]
INSIDE_WORDS = r"[^\p{L}\p{N}\p{M}\s]+"


@dataclass(frozen=True)
class Song:
    """A recording, for people.

    Attributes
    ----------
    track_id : str
    title : str
    artists : str
        Joined by commas; empty where nobody is known.
    year : int, optional
    album : str
        Empty where it is not known.
    """

    track_id: str
    title: str
    artists: str
    year: int | None
    album: str = ""

    @property
    def label(self) -> str:
        """One line that names it, such as ``Holocene · Bon Iver (2011)``."""
        named = " · ".join(filter(None, [self.title, self.artists]))
        return f"{named} ({self.year})" if self.year else named


def songs(catalog: Catalog, track_ids: Sequence[str]) -> list[Song]:
    """Return the recordings of tracks, in the same order, each once; without those that the catalog lacks."""
    recordings = catalog.recordings_of(list(track_ids)).dropna().drop_duplicates()
    return _songs(_shown(catalog.recordings.loc[recordings, SHOWN]))


def _shown(known: pd.DataFrame) -> pa.Table:
    """Return the fields of a `Song` for each recording."""
    ids = known.index.to_series()
    artists = known["artists"].fillna("").str.replace(";", ", ", regex=False)
    columns = (ids, known["title"].fillna(ids), artists, known["year"].astype("Int64"), known["album"].fillna(""))
    return pa.table([pa.array(column, from_pandas=True) for column in columns], [field.name for field in fields(Song)])


def _songs(shown: pa.Table) -> list[Song]:
    return [Song(**each) for each in shown.to_pylist()]


class Search:
    """An index over the titles and artists of a catalog's recordings, in memory.

    Parameters
    ----------
    catalog : Catalog
        With the columns title, artists, year, album and popularity_percentile.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        known = catalog.recordings.dropna(subset="title")
        order = known["popularity_percentile"].sort_values(ascending=False, na_position="last", kind="stable").index
        known = known.loc[order, SHOWN]
        # Of this a few rows are taken in a hundredth of the time that pandas takes.
        self._shown = _shown(known).combine_chunks()
        self._schema = (
            tantivy.SchemaBuilder()
            .add_text_field("words", tokenizer_name="whitespace", index_option="basic")
            .add_text_field("names", tokenizer_name="raw", index_option="basic")
            .add_integer_field("place", fast=True)
            .build()
        )
        self._searcher = self._index(known).searcher()
        # A few letters begin so much that finding the best of it takes ten times as long; there are not many of them.
        self._of_few_letters = lru_cache(maxsize=2_000)(self._places)

    def find(self, text: str, limit: int = 10) -> list[Song]:
        """Return the recordings that `text` may mean, one that is typed in part included.

        First those whose title or artist is `text`, then those in which one begins with it, then those that have all
        of its words, or words that begin so; of each the best known first. Only where there are none, one typo is
        forgiven in each longer word. A Spotify link, URI or id finds its track.

        Parameters
        ----------
        text : str
            Anything at all.
        limit : int
            At least 1.
        """
        # JSON can hold halves of characters, which are no text anywhere else.
        text = text[:MOST_LETTERS].encode(errors="ignore").decode()
        track_id = read_track_id(text)
        if track_id and (linked := songs(self._catalog, [track_id])):
            return linked
        typed: str = normalize_words([text])[0].as_py()
        if not typed:
            return []
        places = self._of_few_letters if len(typed) < LEAST_TO_BEGIN else self._places
        return _songs(self._shown.take(pa.array(places(typed, limit), pa.int64())))

    @cached_property
    def by_name(self) -> pd.Series:
        """The recording that each key (`segue.recordings.recording_keys`) stands for."""
        known = self._catalog.recordings
        names = (known["title"], known["artists"].str.partition(";")[0])
        keys = recording_keys(*(pa.array(each, pa.string()) for each in names)).to_pylist()
        found = pd.Series(known.index.to_numpy(object), index=pd.Index(keys, dtype=object))
        return found[found.index.notna() & ~found.index.duplicated()]

    def _places(self, typed: str, limit: int) -> list[int]:
        words = typed.split()[:MOST_WORDS]
        places: dict[int, None] = {}
        for query in self._queries(typed, words):
            places.update(dict.fromkeys(self._best(query, limit)))
            if len(places) >= limit:
                break
        return list(places)[:limit] or self._best(self._all(self._mistyped(word) for word in words), limit)

    def _queries(self, typed: str, words: Sequence[str]) -> Iterator[tantivy.Query]:
        yield tantivy.Query.term_query(self._schema, "names", typed)
        if len(typed) >= LEAST_TO_BEGIN:
            yield self._begins("names", typed)
        yield self._all(self._begins("words", word) for word in words)

    def _best(self, query: tantivy.Query, limit: int) -> list[int]:
        hits = self._searcher.search(query, limit, count=False, order_by_field="place", order=tantivy.Order.Asc).hits
        return [place for place, _ in hits]

    def _begins(self, field: str, text: str) -> tantivy.Query:
        return tantivy.Query.fuzzy_term_query(self._schema, field, text, distance=0, prefix=True)

    def _mistyped(self, word: str) -> tantivy.Query:
        distance = int(len(word) >= LEAST_TO_MISTYPE)
        return tantivy.Query.fuzzy_term_query(self._schema, "words", word, distance=distance, prefix=True)

    def _all(self, queries: Iterator[tantivy.Query]) -> tantivy.Query:
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, query) for query in queries])

    def _index(self, known: pd.DataFrame) -> tantivy.Index:
        index = tantivy.Index(self._schema)
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        index.register_tokenizer("whitespace", analyzer)
        titles, artists = (pa.array(known[name].fillna(""), pa.string()) for name in ("title", "artists"))
        words = _words(titles, artists).to_pylist()
        names = zip(*_names(titles, artists), strict=True)
        with index.writer(num_threads=1) as writer:
            for place, (text, named) in enumerate(zip(words, names, strict=True)):
                writer.add_document(tantivy.Document(words=text, names=list(named), place=place))
        index.reload()
        return index


def _words(titles: pa.Array, artists: pa.Array) -> pa.Array:
    """Return all words of each recording, and what people write for "AC/DC" and "R.E.M.": "acdc", "rem"."""
    both = pc.binary_join_element_wise(titles, artists, " ")
    run_together = pc.replace_substring_regex(both, INSIDE_WORDS, "")
    return normalize_words(pc.binary_join_element_wise(both, run_together, " "))


def _names(titles: pa.Array, artists: pa.Array) -> list[list[Any]]:
    """Return what each recording may be called: its title, with and without suffixes; its first artist; both."""
    first = normalize_words(pc.list_element(pc.split_pattern(artists, ";"), 0))
    whole, short = normalize_words(titles), normalize_titles(titles)
    named = [
        whole,
        short,
        first,
        *(pc.binary_join_element_wise(*pair, " ") for pair in ((short, first), (first, short))),
    ]
    return [spelling.to_pylist() for spelling in named]
