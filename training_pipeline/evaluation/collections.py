"""Collections of playlists: those in the store, by dataset, and those in a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from segue.errors import InputError
from segue.groups import PLAYLIST_TRACKS
from segue.models.catalog import Catalog
from segue.store import FeatureStore
from training_pipeline.evaluation.playlist_file import read_playlist_file
from training_pipeline.holdout import MIN_TRACKS, Rows


@dataclass(frozen=True)
class Collection:
    """Playlists that were gathered in one way.

    Attributes
    ----------
    name : str
        The dataset, or the file without its suffix.
    playlists : dict of str to ndarray of int
        By playlist_id, the rows among the catalog's recordings, in ascending order, each once.
    """

    name: str
    playlists: dict[str, Rows]

    @property
    def n_long(self) -> int:
        """How many have enough recordings to be tested on."""
        return sum(len(rows) >= MIN_TRACKS for rows in self.playlists.values())


def read_collections(store: FeatureStore, catalog: Catalog, asked: Sequence[str] = ()) -> list[Collection]:
    """Return the collections that were `asked` for, each a file or the name of one in the store; all by default.

    Raises
    ------
    InputError
        If there are no playlists, or no such collection, or a file has none, or two would have the same name.
    """
    stored = stored_collections(store, catalog)
    if not asked:
        if not stored:
            raise InputError(
                "there are no public playlists: run `segue features --playlists FILE`, or name a file here"
            )
        return list(stored.values())
    found = {name: _find(name, stored, catalog) for name in dict.fromkeys(asked)}
    names: dict[str, str] = {}
    for path, one in found.items():
        if names.setdefault(one.name, path) != path:
            raise InputError(f"{names[one.name]} and {path} are both called {one.name!r}: rename one of the files")
    return list(found.values())


def stored_collections(store: FeatureStore, catalog: Catalog) -> dict[str, Collection]:
    """Return the collections in the store, by name."""
    listed = store.read(PLAYLIST_TRACKS, ["playlist_id", "track_id", "source"])
    by_source = {str(name): frame for name, frame in listed.groupby("source")}
    return {name: collection(name, by_source[name], catalog) for name in sorted(by_source)}


def collection(name: str, listed: pd.DataFrame, catalog: Catalog) -> Collection:
    """Return the collection of the playlist_id and track_id in each row of `listed`."""
    recordings = catalog.recordings_of(listed["track_id"])
    rows = catalog.recordings.index.get_indexer(pd.Index(recordings))
    known = pd.DataFrame({"playlist_id": listed["playlist_id"].to_numpy(), "row": rows})
    known = known[known["row"] >= 0]
    playlists = {str(key): np.unique(group.to_numpy()) for key, group in known.groupby("playlist_id")["row"]}
    return Collection(name, playlists)


def _find(asked: str, stored: dict[str, Collection], catalog: Catalog) -> Collection:
    if asked in stored:
        return stored[asked]
    path = Path(asked)
    if not path.exists():
        names = ", ".join(stored) or "none"
        raise InputError(f"{asked!r} is neither a file nor a collection of playlists in the store, which has: {names}")
    return collection(path.stem, read_playlist_file(path, catalog), catalog)
