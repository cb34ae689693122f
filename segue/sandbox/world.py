"""The music that the sandbox knows: the catalog as it is now, and what its listeners play of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

import pandas as pd

from segue.groups import RUNS, TRACKS
from segue.sandbox.people import PEOPLE
from segue.sandbox.songs import COLUMNS, Song, songs_of
from segue.sandbox.tastes import label_rows, listening
from segue.store import FeatureStore

_DRAWN_BY = ("recording_id", "genres", "artist_genres", "popularity_percentile")


@dataclass(frozen=True)
class _Drawn:
    lists: dict[str, dict[str, list[Song]]] = field(default_factory=dict)
    songs: dict[str, Song] = field(default_factory=dict)
    """By id: those that the catalog lacks, and of the others those that were asked for since it was built."""


class World:
    """Answers what is asked about songs; draws tastes on the first question, and again when the catalog was rebuilt.

    Parameters
    ----------
    store : FeatureStore
        Its group `tracks` is the catalog; it may still be empty.
    """

    def __init__(self, store: FeatureStore) -> None:
        self._store = store
        self._lock = Lock()
        self._version: str | None = None
        self._drawn = _Drawn()

    def plays(self, user_id: str, what: str) -> list[Song]:
        """Return one of a person's lists (see `tastes.listening`); empty while the catalog is."""
        return self._now().lists.get(user_id, {}).get(what, [])

    def songs(self, track_ids: Sequence[str]) -> list[Song | None]:
        """Return the songs with these ids, None for one that does not exist."""
        if not track_ids:
            return []
        known = self._now().songs
        new = [track_id for track_id in dict.fromkeys(track_ids) if track_id not in known]
        if new:
            rows = self._store.read(TRACKS, COLUMNS, {"track_id": new})
            known.update((song.track_id, song) for song in songs_of(rows))
        return [known.get(track_id) for track_id in track_ids]

    def search(self, query: str) -> list[Song]:
        """Return up to 1,000 songs of the catalog that fit `query`, the popular ones first.

        Understood are words of the title and the artists, and ``isrc:CODE``.
        """
        catalog = self._catalog()
        found = pd.Series(data=True, index=catalog.index)
        text = (catalog["title"] + " " + catalog["artists"].fillna("")).str.lower()
        for word in query.lower().replace('"', "").replace("track:", "").replace("artist:", "").split():
            code = word.removeprefix("isrc:")
            hit = text.str.contains(word, regex=False) if code == word else catalog["isrc"].str.lower() == code
            found &= hit.fillna(value=False)
        hits = catalog[found].sort_values("popularity_percentile", ascending=False, kind="stable")
        return songs_of(hits.head(1000))

    def _now(self) -> _Drawn:
        with self._lock:
            version = self._catalog_version()
            if not self._drawn.lists or version != self._version:
                self._version, self._drawn = version, self._draw()
            return self._drawn

    def _catalog_version(self) -> str | None:
        """Return the last run that built the catalog: cheaper to ask for than the catalog itself."""
        runs = self._store.read(RUNS, ["run_id", "finished_at"], {"pipeline": "features"})
        return None if runs.empty else str(runs.sort_values("finished_at")["run_id"].iloc[-1])

    def _catalog(self) -> pd.DataFrame:
        tracks = self._store.read(TRACKS, [*COLUMNS, *_DRAWN_BY])
        return tracks[tracks["title"].notna() & tracks["artists"].notna()]

    def _draw(self) -> _Drawn:
        catalog = self._catalog()
        if catalog.empty:
            return _Drawn()
        popular = catalog.sort_values("popularity_percentile", ascending=False, kind="stable")
        recordings = popular.drop_duplicates("recording_id").reset_index(drop=True)
        labels = label_rows(recordings)
        lists = {person.user_id: listening(person, recordings, labels) for person in PEOPLE}
        ids = set(catalog["track_id"])
        played = (song for of_one in lists.values() for songs in of_one.values() for song in songs)
        return _Drawn(lists, {song.track_id: song for song in played if song.track_id not in ids})
