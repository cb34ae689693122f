"""Gathering the rows of one dataset of playlists that are in the catalog."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from feature_pipeline.catalog_lookup import CatalogLookup

FAULTY = "faulty line"
UNKNOWN = "not in the catalog"
REPEATED = "repeated on the playlist"


@dataclass(frozen=True)
class PlaylistReport:
    """What became of the rows of a dataset: ``rows == by_id + by_title + sum(dropped.values())``.

    Attributes
    ----------
    source : str
        The dataset.
    rows : int
        Rows read.
    playlists : int
        Playlists read.
    by_id, by_title : int
        Rows kept, matched by track id; by title and artist.
    dropped : dict of str to int
        Rows dropped, by reason.
    """

    source: str
    rows: int
    playlists: int
    by_id: int
    by_title: int
    dropped: dict[str, int]


class Matches:
    """The rows of one dataset that are in the catalog, gathered batch by batch.

    Parameters
    ----------
    source : str
        The dataset.
    catalog : CatalogLookup
        Where its tracks are looked up.
    """

    def __init__(self, source: str, catalog: CatalogLookup) -> None:
        self._source = source
        self._catalog = catalog
        self._rows = self._faulty = 0
        self._lengths: dict[str, int] = {}
        self._found: list[pa.Table] = []

    def add(self, batch: pa.Table) -> None:
        """Match a batch of rows, as the schema `ROWS` describes them."""
        self._rows += len(batch)
        self._faulty += batch["playlist"].null_count
        batch = batch.filter(pc.is_valid(batch["playlist"])).combine_chunks()
        counted = pa.array(self._count(batch["playlist"]))
        by_id = self._catalog.find_ids(batch["track_id"])
        found = pa.table(
            {
                "playlist": batch["playlist"],
                "position": pc.coalesce(batch["position"], counted),
                "place": pc.coalesce(by_id, self._catalog.find_titles(batch["title"], batch["artist"])),
                "by_id": pc.is_valid(by_id),
            }
        )
        self._found.append(found.filter(pc.is_valid(found["place"])))

    def tracks(self) -> tuple[pa.Table, PlaylistReport]:
        """Return the tracks as `PLAYLIST_TRACKS` describes them, each recording once on a playlist, and the report."""
        found = pa.concat_tables(self._found)
        kept = found.take(_first_of_each(found, self._catalog.recordings))
        tracks = pa.table(
            {
                "playlist_id": pc.binary_join_element_wise(self._source, kept["playlist"], ":"),
                "track_id": self._catalog.track_ids.take(kept["place"]),
                "position": kept["position"],
                "source": pa.repeat(self._source, len(kept)),
            }
        )
        by_id = pc.sum(kept["by_id"], min_count=0).as_py()
        dropped = {
            FAULTY: self._faulty,
            UNKNOWN: self._rows - self._faulty - len(found),
            REPEATED: len(found) - len(kept),
        }
        return tracks, PlaylistReport(self._source, self._rows, len(self._lengths), by_id, len(kept) - by_id, dropped)

    def _count(self, playlists: pa.ChunkedArray) -> npt.NDArray[np.int64]:
        """Return each row's place on its playlist in order of appearance, and remember how long each has become."""
        encoded = playlists.combine_chunks().dictionary_encode()
        codes: npt.NDArray[np.int32] = encoded.indices.to_numpy()
        names: list[str] = encoded.dictionary.to_pylist()
        counts = np.bincount(codes, minlength=len(names))
        before = np.array([self._lengths.get(name, 0) for name in names], dtype=np.int64)
        self._lengths.update(zip(names, (before + counts).tolist(), strict=True))
        places = np.empty(len(codes), dtype=np.int64)
        places[np.argsort(codes, kind="stable")] = np.arange(len(codes)) - np.repeat(np.cumsum(counts) - counts, counts)
        return places + before[codes]


def _first_of_each(found: pa.Table, recordings: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the rows to keep, ordered by playlist and position: the first of each recording on each playlist."""
    playlists: npt.NDArray[np.int64] = pc.rank(found["playlist"], tiebreaker="dense").to_numpy().astype(np.int64)
    positions, places = found["position"].to_numpy(), found["place"].to_numpy()
    order = np.lexsort((~found["by_id"].to_numpy(), places, positions, playlists))
    pairs = playlists[order] * (len(recordings) + 1) + recordings[places[order]]
    _, first = np.unique(pairs, return_index=True)
    kept: npt.NDArray[np.int64] = order[np.sort(first)]
    return kept
