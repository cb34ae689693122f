"""Every connected listener's playlist: recommend, store, publish."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import pandas as pd

from inference_pipeline.discover import LENGTH, Playlist, discover
from inference_pipeline.models import LoadedModel
from inference_pipeline.publish import Listing, describe, publish
from segue.errors import SegueError
from segue.groups import LISTENS, RECOMMENDATIONS
from segue.locks import alone
from segue.models.catalog import Catalog
from segue.settings import Settings
from segue.spotify.listeners import connected_listeners, name_of
from segue.spotify.retention import TIME_TO_LIVE, purge_expired
from segue.store import FeatureStore

PLAYLIST = "discover"
PLAYLIST_NAME = "Segue Discover"


@dataclass(frozen=True)
class Served:
    """What came of one listener.

    Attributes
    ----------
    listener : str
        Their display name, or id.
    tracks, new : int
        Tracks on the playlist, and how many of them were not on the last one.
    status : str
        "published", or why not.
    failed : bool
    """

    listener: str
    tracks: int
    new: int
    status: str
    failed: bool


@dataclass(frozen=True)
class Service:
    """What it takes to serve listeners."""

    store: FeatureStore
    settings: Settings
    model: LoadedModel
    catalog: Catalog

    def serve_all(self) -> Iterator[Served]:
        """Serve one connected listener after the other; whatever fails for one does not stop the others."""
        with alone(self.settings.var / "playlists.lock", "refreshing playlists"):
            purge_expired(self.store, RECOMMENDATIONS, datetime.now(timezone.utc))
            for _, listener in connected_listeners(self.store, self.settings).iterrows():
                yield self._try_to_serve(listener)

    def _try_to_serve(self, listener: pd.Series) -> Served:
        try:
            return self._serve(listener)
        except SegueError as error:
            return Served(name_of(listener), 0, 0, f"failed: {error}", failed=True)
        except Exception as error:  # noqa: BLE001 - one listener's data must not cost the others their playlists
            return Served(name_of(listener), 0, 0, f"failed: unexpected {type(error).__name__}: {error}", failed=True)

    def _serve(self, listener: pd.Series) -> Served:
        now = datetime.now(timezone.utc)
        listens = self.store.read(LISTENS, where={"listener_id": str(listener["listener_id"])})
        listens = listens[listens["expires_at"] > now]
        if listens.empty:
            return Served(name_of(listener), 0, 0, "nothing known of what they play: run `segue listens`", failed=False)
        playlist = discover(self.model.space_model, self.catalog, listens)
        tracks = playlist.tracks["track_id"].tolist()
        listing = Listing(PLAYLIST, PLAYLIST_NAME, describe(playlist.favorites, now.date()), tracks)
        publish(self.store, self.settings, listener, listing)
        # Only now, so that what is stored is what Spotify holds.
        new = self._keep(str(listener["listener_id"]), playlist, now)
        short = "" if len(tracks) == LENGTH else f": the catalog has no {LENGTH} tracks to recommend"
        return Served(name_of(listener), len(tracks), new, f"published{short}", failed=False)

    def _keep(self, listener_id: str, playlist: Playlist, now: datetime) -> int:
        """Store the playlist in place of the last one, and return how many tracks are new."""
        key: dict[str, str] = {"listener_id": listener_id, "playlist": PLAYLIST}
        before = self.store.read(RECOMMENDATIONS, ["track_id"], key)["track_id"]
        stamp: dict[str, Any] = {"model": self.model.label, "made_at": now, "expires_at": now + TIME_TO_LIVE}
        self.store.replace(RECOMMENDATIONS, playlist.tracks.assign(**key, **stamp), key)
        return int((~playlist.tracks["track_id"].isin(before)).sum())
