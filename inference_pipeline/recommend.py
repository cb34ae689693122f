"""Every connected listener's playlists: recommend, store, publish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

import pandas as pd

from inference_pipeline.cover import give_covers
from inference_pipeline.dead_tracks import purge_unavailable, unavailable_tracks
from inference_pipeline.keeping import Keeping
from inference_pipeline.libraries import Libraries
from inference_pipeline.playlist import Playlist, make_playlist
from inference_pipeline.playlist_kinds import Kind, kinds_named
from inference_pipeline.profile import profile_of
from inference_pipeline.publish import Listing, describe, publish
from inference_pipeline.ranked import Ranked, rank_catalog
from inference_pipeline.read_back import read_back, read_saved
from inference_pipeline.rotation import read_history
from inference_pipeline.served import Served, failure, left_alone, published
from inference_pipeline.wishes import Wishes, read_wishes
from inference_pipeline.writing import restore
from segue.errors import AuthorizationExpiredError, InputError, MissingScopeError, SpotifyError
from segue.groups import FEEDBACK, LISTENS
from segue.locks import alone
from segue.settings import Settings
from segue.spotify.budget import CALLS_PER_PLAYLIST, PLAYLISTS_CALLS, Budget
from segue.spotify.listeners import ask_to_log_in, connected_listeners
from segue.spotify.retention import purge
from segue.spotify.session import open_session
from segue.spotify.turns import ENDS_RUN, Turns
from segue.store import FeatureStore

MOST_DEAD_TRACKS = 5
"""So many may be found on one playlist in a run."""


@dataclass(frozen=True)
class _Evening:
    """What one listener's playlists are made with."""

    listener: pd.Series
    keeping: Keeping
    model: str
    ranked: Ranked
    now: datetime


@dataclass
class Service:
    """What it takes to serve listeners.

    Attributes
    ----------
    libraries : Libraries
        Of which each listener has chosen one.
    kinds : sequence of Kind
        The playlists to make, whatever a listener keeps; none for those that each keeps.
    only : str, optional
        Id of the one listener to serve.
    report : dict
        What `Turns.report` said at the end of the last run, and ``calls_of``, each listener's calls by their id.
    """

    store: FeatureStore
    settings: Settings
    libraries: Libraries
    kinds: Sequence[Kind] = ()
    only: str | None = None
    report: dict[str, Any] = field(default_factory=dict)

    def serve_all(self) -> Iterator[Served]:
        """Serve one connected listener after the other, as far as the day's calls go.

        Those whose playlists are oldest come first, and whatever fails for one does not stop the others.
        """
        with alone(self.settings, "playlists", "refreshing playlists"):
            now = datetime.now(timezone.utc)
            purge(self.store, now)
            purge_unavailable(self.store, now)
            budget = Budget(self.store, self.settings)
            turns = Turns(budget, self._listeners(), self._calls_for)
            for listener in turns:
                try:
                    yield from self._serve(listener, budget, now)
                except ENDS_RUN as error:
                    turns.stop(error)
                except AuthorizationExpiredError:
                    ask_to_log_in(self.store, listener)
                    yield left_alone(listener, "", "must log in again")
                except MissingScopeError:
                    yield left_alone(listener, "", "must log in again")
                except Exception as error:  # noqa: BLE001 - one listener's data must not cost the others their playlists
                    yield failure(listener, "", error)
            self.report = {**turns.report(), "calls_of": dict(budget.calls)}

    def _listeners(self) -> pd.DataFrame:
        connected = connected_listeners(self.store, self.settings)
        return connected if self.only is None else connected[connected["listener_id"] == self.only]

    def _calls_for(self, listener: pd.Series) -> int:
        try:
            return PLAYLISTS_CALLS + CALLS_PER_PLAYLIST * len(self._kinds_of(_wishes_of(listener)))
        except InputError:
            # Their settings cannot be used: they will be told, and nobody is called.
            return 0

    def _kinds_of(self, wishes: Wishes) -> Sequence[Kind]:
        return self.kinds or kinds_named(wishes.playlists)

    def _serve(self, listener: pd.Series, budget: Budget, now: datetime) -> Iterator[Served]:
        listener_id = str(listener["listener_id"])
        wishes = _wishes_of(listener)
        kinds = self._kinds_of(wishes)
        opened = self.libraries.open(wishes.approach)
        listens = self.store.read(LISTENS, where={"listener_id": listener_id})
        listens = listens[listens["expires_at"] > now]
        if listens.empty and not self._feedback(listener_id)["verdict"].eq("like").any():
            yield left_alone(listener, "", "nothing known of what they play: run `segue listens`")
            return
        client = open_session(self.store, self.settings, listener, budget)
        keeping = Keeping(self.store, client, budget, listener_id, [kind.name for kind in kinds])
        keeping.look(now)
        may_read_saved = self.settings.saved_tracks and "user-library-read" in listener["scopes"].split()
        read_back(keeping, now, read_saved(keeping, now) if may_read_saved else ())
        # Only now: what they have deleted must not come back tonight.
        profile = profile_of(listens, self._feedback(listener_id), self.libraries.catalog, wishes, now)
        evening = _Evening(listener, keeping, opened.label, rank_catalog(opened.library, profile), now)
        for place in range(len(kinds)):
            yield self._refresh(evening, kinds[place:])
        if self.settings.covers and "ugc-image-upload" in listener["scopes"].split():
            give_covers(keeping)

    def _feedback(self, listener_id: str) -> pd.DataFrame:
        return self.store.read(FEEDBACK, where={"listener_id": listener_id})

    def _refresh(self, evening: _Evening, to_make: Sequence[Kind]) -> Served:
        """Make the first one of the playlists that are to be made."""
        kind, keeping, listener = to_make[0], evening.keeping, evening.listener
        if keeping.is_removed(kind.name):
            again = f"`segue playlists --bring-back {kind.name}` makes it again"
            return left_alone(listener, kind.name, f"removed by the listener: {again}")
        if kind.name in keeping.failed:
            return failure(listener, kind.name, keeping.failed[kind.name])
        try:
            made = self._publish(evening, to_make)
            return published(listener, kind.name, made, evening.ranked.profile.wishes.length)
        except (*ENDS_RUN, AuthorizationExpiredError, MissingScopeError):
            raise
        except Exception as error:  # noqa: BLE001 - nor one playlist the others of the same listener
            return failure(listener, kind.name, error)

    def _publish(self, evening: _Evening, to_make: Sequence[Kind]) -> Playlist:
        keeping, now = evening.keeping, evening.now
        kind, names = to_make[0], [each.name for each in to_make]
        history = read_history(self.store, keeping.listener_id, names, now)
        for _ in range(MOST_DEAD_TRACKS + 1):
            unavailable = unavailable_tracks(self.store, self.settings)
            made = make_playlist(evening.ranked, kind, history, unavailable)
            about = describe(kind.about, made.favorites, now.date(), made.widened)
            listing = Listing(kind.name, kind.title, about, made.tracks, evening.model, made.widened)
            if publish(keeping, self.settings, listing, now):
                return made
        restore(keeping, kind.name, unavailable_tracks(self.store, self.settings))
        raise SpotifyError(f"over {MOST_DEAD_TRACKS} tracks of it are gone from Spotify: run this again")


def _wishes_of(listener: pd.Series) -> Wishes:
    return read_wishes(None if pd.isna(listener["settings"]) else listener["settings"])
