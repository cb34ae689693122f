"""Every connected listener's playlists: recommend, store, publish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

import pandas as pd

from inference_pipeline.library import Library
from inference_pipeline.playlist import LENGTH, Playlist, make_playlist, rank_catalog
from inference_pipeline.playlist_kinds import Kind, kinds_named
from inference_pipeline.profile import profile_of
from inference_pipeline.publish import Listing, describe, held_tracks, publish
from inference_pipeline.rotation import History, confirm, read_history, remember, settle
from inference_pipeline.wishes import read_wishes
from segue.errors import AuthorizationExpiredError, SegueError
from segue.groups import FEEDBACK, LISTENS, RECOMMENDATIONS
from segue.locks import alone
from segue.settings import Settings
from segue.spotify.client import SpotifyClient
from segue.spotify.listeners import connected_listeners, name_of
from segue.spotify.retention import TIME_TO_LIVE, purge
from segue.spotify.session import open_session
from segue.store import FeatureStore


@dataclass(frozen=True)
class Served:
    """What came of one playlist of one listener.

    Attributes
    ----------
    listener_id, listener : str
        Their id and display name (the id again, where they have none).
    playlist : str
        Its name; empty where it did not come so far.
    status : str
        "published", or why not.
    failed : bool
    tracks, new : int
        Tracks on the playlist, and how many of them were not on it when it was last made before today.
    removed : dict of str to int
        How many candidates each filter removed.
    widened : tuple of str
        The filters that had to be relaxed.
    variety : dict of str to float
        `Playlist.variety`.
    """

    listener_id: str
    listener: str
    playlist: str
    status: str
    failed: bool = False
    tracks: int = 0
    new: int = 0
    removed: dict[str, int] = field(default_factory=dict)
    widened: tuple[str, ...] = ()
    variety: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Service:
    """What it takes to serve listeners.

    Attributes
    ----------
    model : str
        Label of the model in `library`.
    kinds : sequence of Kind
        The playlists to make, whatever a listener keeps; none for those that each keeps.
    """

    store: FeatureStore
    settings: Settings
    library: Library
    model: str
    kinds: Sequence[Kind] = ()

    def serve_all(self) -> Iterator[Served]:
        """Serve one connected listener after the other; whatever fails for one does not stop the others."""
        with alone(self.settings.var / "playlists.lock", "refreshing playlists"):
            now = datetime.now(timezone.utc)
            purge(self.store, now)
            for _, listener in connected_listeners(self.store, self.settings).iterrows():
                try:
                    yield from self._serve(listener, now)
                except AuthorizationExpiredError:
                    yield Served(*_who(listener), "", "must log in again")
                except Exception as error:  # noqa: BLE001 - one listener's data must not cost the others their playlists
                    yield Served(*_who(listener), "", _failure(error), failed=True)

    def _serve(self, listener: pd.Series, now: datetime) -> Iterator[Served]:
        listener_id = str(listener["listener_id"])
        wishes = read_wishes(None if pd.isna(listener["settings"]) else listener["settings"])
        kinds = self.kinds or kinds_named(wishes.playlists)
        listens = self.store.read(LISTENS, where={"listener_id": listener_id})
        listens = listens[listens["expires_at"] > now]
        feedback = self.store.read(FEEDBACK, where={"listener_id": listener_id})
        if listens.empty and not feedback["verdict"].eq("like").any():
            yield Served(*_who(listener), "", "nothing known of what they play: run `segue listens`")
            return
        profile = profile_of(listens, feedback, self.library.catalog, wishes, now)
        client = open_session(self.store, self.settings, listener)
        ranked = rank_catalog(self.library, profile)
        for place, kind in enumerate(kinds):
            try:
                made = make_playlist(self.library, ranked, kind, self._history(client, listener_id, kinds[place:], now))
                self._publish(client, listener_id, kind, made, now)
            except Exception as error:  # noqa: BLE001 - nor one playlist the others of the same listener
                yield Served(*_who(listener), kind.name, _failure(error), failed=True)
            else:
                yield _served(listener, kind, made)

    def _history(self, client: SpotifyClient, listener_id: str, to_make: Sequence[Kind], now: datetime) -> History:
        names = [kind.name for kind in to_make]
        history = read_history(self.store, listener_id, names, now)
        if settle(self.store, history, names[0], lambda: held_tracks(self.store, client, listener_id, names[0])):
            return read_history(self.store, listener_id, names, now)
        return history

    def _publish(self, client: SpotifyClient, listener_id: str, kind: Kind, made: Playlist, now: datetime) -> None:
        tracks = made.tracks["track_id"].tolist()
        about = describe(kind.about, made.favorites, now.date(), made.widened)
        # Before it is sent, so that rotation knows of it even if this is killed the moment after.
        remember(self.store, listener_id, kind.name, tracks, now)
        publish(self.store, client, listener_id, Listing(kind.name, kind.title, about, tracks))
        # Only now, so that what is stored is what Spotify holds.
        self._keep(listener_id, kind, made.tracks, now)
        confirm(self.store, listener_id, kind.name, now)

    def _keep(self, listener_id: str, kind: Kind, tracks: pd.DataFrame, now: datetime) -> None:
        """Store the playlist in place of the last one."""
        key = {"listener_id": listener_id, "playlist": kind.name}
        stamp: dict[str, Any] = {"model": self.model, "made_at": now, "expires_at": now + TIME_TO_LIVE}
        self.store.replace(RECOMMENDATIONS, tracks.assign(**key, **stamp), key)


def _served(listener: pd.Series, kind: Kind, made: Playlist) -> Served:
    short = "" if len(made.tracks) == LENGTH else f": the catalog has no {LENGTH} tracks to recommend"
    return Served(
        *_who(listener),
        kind.name,
        f"published{short}",
        tracks=len(made.tracks),
        new=made.new,
        removed=made.removed,
        widened=made.widened,
        variety=made.variety,
    )


def _who(listener: pd.Series) -> tuple[str, str]:
    return str(listener["listener_id"]), name_of(listener)


def _failure(error: Exception) -> str:
    what = str(error) if isinstance(error, SegueError) else f"unexpected {type(error).__name__}: {error}"
    return f"failed: {what}"
