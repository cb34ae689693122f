"""A listener's kept playlists as they are in Spotify tonight, and the calls there are for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from inference_pipeline.kept import Kept, read_kept, write_kept
from segue.errors import NotFoundError, SpotifyError, UnavailableError
from segue.groups import RECOMMENDATIONS
from segue.spotify.answers import KeptPlaylist
from segue.spotify.budget import CALLS_PER_PLAYLIST, PLAYLISTS_CALLS, Budget
from segue.spotify.client import PAGE, SpotifyClient
from segue.store import FeatureStore

LOST = {"id": None, "marker": None, "snapshot_id": None, "brought_back": False, "has_cover": False}


@dataclass(frozen=True)
class Held:
    """What a playlist holds.

    Attributes
    ----------
    track_ids : list of str
        As far as it was read; without what is gone from Spotify.
    is_whole : bool
        Whether it was read to its end and all of it are tracks that Spotify still has.
    """

    track_ids: list[str]
    is_whole: bool


@dataclass
class Keeping:
    """One listener's turn.

    Attributes
    ----------
    names : list of str
        Segue's names of the playlists that are to be refreshed.
    kept : dict of str to Kept
    listed : dict of str to KeptPlaylist
        The first page of their library, by Spotify's id.
    held : dict of str to Held
        What was read back, by Segue's name.
    failed : dict of str to SpotifyError
        What could not be read back, and is left alone tonight.
    unfinished : set of str
        The playlists that have yet to be written: calls for them are left over.
    disturbed : set of str
        The playlists that hold neither the old list nor the new one, because a dead track was looked for.
    """

    store: FeatureStore
    client: SpotifyClient
    budget: Budget
    listener_id: str
    names: list[str]
    kept: dict[str, Kept] = field(default_factory=dict)
    listed: dict[str, KeptPlaylist] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    failed: dict[str, SpotifyError] = field(default_factory=dict)
    unfinished: set[str] = field(default_factory=set)
    disturbed: set[str] = field(default_factory=set)

    def look(self, now: datetime) -> None:
        """Find out which playlists are still in the listener's library: one call, a second where one is not on top."""
        self.listed = {playlist.id: playlist for playlist in self.client.my_playlists()}
        self.kept = read_kept(self.store, self.listener_id)
        known = {name: self.kept[name] for name in self.names if name in self.kept and self.kept[name].id}
        for name, kept in known.items():
            if kept.id in self.listed and (kept.removed_at or kept.brought_back):
                # They put it back themselves.
                self.remember(name, removed_at=None, brought_back=False)
        unseen = [name for name, kept in known.items() if kept.id not in self.listed and self._is_expected(name)]
        if unseen:
            there = self.client.library_contains([known[name].uri for name in unseen])
            for name in unseen:
                if not there[known[name].uri]:
                    self.remember(name, removed_at=now)
        self.unfinished = {name for name in self.names if not self.is_removed(name)}

    def is_removed(self, name: str) -> bool:
        """Return whether the listener has removed a playlist: it is not written, and not made again."""
        return name in self.kept and self.kept[name].removed_at is not None

    def is_there(self, name: str) -> bool:
        """Return whether a playlist is in the listener's library."""
        return name in self.kept and self.kept[name].id is not None and self._is_expected(name)

    def as_listed(self, name: str) -> KeptPlaylist | None:
        """Return a playlist as it stands on the first page of the library; None where it does not."""
        kept = self.kept.get(name)
        return None if kept is None else self.listed.get(kept.id or "")

    def is_as_written(self, name: str) -> bool:
        """Return whether nobody has changed what our last write left on a playlist."""
        listed = self.as_listed(name)
        return listed is not None and listed.snapshot_id == self.kept[name].snapshot_id

    def written(self, name: str) -> list[str]:
        """Return what our last write that is known to have come through left on a playlist."""
        key = {"listener_id": self.listener_id, "playlist": name}
        return list(self.store.read(RECOMMENDATIONS, ["track_id", *key, "rank"], key).sort_values("rank")["track_id"])

    def read(self, name: str) -> Held:
        """Return what a playlist holds: one call, or more where it has grown and there are calls to spare."""
        if name not in self.held:
            listed = self.as_listed(name)
            pages = 1 if listed is None else min(-(-listed.n_tracks // PAGE), 1 + max(self.spare(), 0))
            entries = self.client.playlist_entries(self.kept[name].id or "", max(pages, 1))
            n_tracks = listed.n_tracks if listed is not None and len(entries) == PAGE * pages else len(entries)
            there = [track_id for track_id in entries if track_id is not None]
            read_to_end = len(entries) == n_tracks and (listed is not None or len(entries) < PAGE)
            self.held[name] = Held(there, read_to_end and len(there) == len(entries))
        return self.held[name]

    def holds(self, name: str, track_ids: Sequence[str]) -> bool:
        """Return whether a playlist is known to hold exactly these tracks."""
        if name in self.disturbed:
            return False
        if self.is_as_written(name):
            return self.written(name) == list(track_ids)
        held = self.held.get(name)
        return held is not None and held.is_whole and held.track_ids == list(track_ids)

    def spare(self) -> int:
        """Return how many of the listener's calls are left, beside those for playlists that have yet to be written."""
        share = PLAYLISTS_CALLS + CALLS_PER_PLAYLIST * len(self.names)
        return share - self.budget.calls[self.listener_id] - CALLS_PER_PLAYLIST * len(self.unfinished)

    def remember(self, name: str, **changes: Any) -> None:
        """Change what is remembered of a playlist."""
        self.kept[name] = self.kept.get(name, Kept()).model_copy(update=changes)
        write_kept(self.store, self.listener_id, name, self.kept[name])

    def let_go_if_lost(self, name: str) -> None:
        """After a 404, let the next run make another playlist, if Spotify neither lists this one nor finds it now."""
        kept = self.kept.get(name)
        if kept is None or kept.id is None or self.as_listed(name) is not None:
            return
        try:
            self.client.playlist_entries(kept.id, pages=1)
        except UnavailableError:
            return
        except NotFoundError:
            self.remember(name, **LOST)

    def _is_expected(self, name: str) -> bool:
        return self.kept[name].removed_at is None and not self.kept[name].brought_back
