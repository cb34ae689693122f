"""Every connected listener's playlists: recommend, store, publish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

import pandas as pd

from inference_pipeline.account import Account, SpotifyAccount
from inference_pipeline.dead_tracks import unavailable_tracks
from inference_pipeline.libraries import Libraries
from inference_pipeline.playlist import Playlist, make_playlist
from inference_pipeline.playlist_kinds import Kind
from inference_pipeline.profile import profile_of
from inference_pipeline.publish import Listing, describe
from inference_pipeline.ranked import Ranked, rank_catalog
from inference_pipeline.resuming import is_left
from inference_pipeline.rotation import read_history
from inference_pipeline.served import Served, failure, left_alone, published
from inference_pipeline.turn import Turn, kinds_of, wishes_of
from segue.errors import AuthorizationExpiredError, InputError, MissingScopeError, SpotifyError
from segue.groups import FEEDBACK, LISTENS
from segue.locks import alone, listener_lock
from segue.settings import Settings
from segue.spotify.budget import Budget
from segue.spotify.listeners import ask_to_log_in, connected_listeners
from segue.spotify.turns import ENDS_RUN, Turns
from segue.store import FeatureStore

MOST_DEAD_TRACKS = 5
"""So many may be found on one playlist in a run."""


@dataclass(frozen=True)
class _Evening:
    """What one listener's playlists are made with."""

    turn: Turn
    account: Account
    model: str
    ranked: Ranked


@dataclass
class Service:
    """What it takes to serve listeners.

    Attributes
    ----------
    libraries : Libraries
        Of which each listener has chosen one.
    kinds : sequence of Kind
        The playlists to make, whatever a listener keeps; none for those that each keeps.
    account : type of Account
        Where they go.
    began : datetime
        When the run began that this is a part of. Everything is made as of that time, and whoever was served since is
        left out.
    report : dict
        What `Turns.report` said at the end of the last run; ``calls_of``, each listener's calls by their id; and
        ``earlier``, the ids of those who were left out.
    """

    store: FeatureStore
    settings: Settings
    libraries: Libraries
    kinds: Sequence[Kind] = ()
    account: type[Account] = SpotifyAccount
    began: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    report: dict[str, Any] = field(default_factory=dict)

    def serve_all(self) -> Iterator[Served]:
        """Serve every connected listener."""
        yield from self.serve(connected_listeners(self.store, self.settings))

    def serve(self, listeners: pd.DataFrame) -> Iterator[Served]:
        """Serve one listener after the other, as far as the day's calls go.

        Those whose playlists are oldest come first, and whatever fails for one does not stop the others.

        Parameters
        ----------
        listeners : DataFrame
            Rows of the group `listeners`.
        """
        left = is_left(self.store, self.began, listeners, self.kinds)
        budget = Budget(self.store, self.settings)
        turns = Turns(budget, listeners[left], lambda listener: calls_for(listener, self.kinds, self.account))
        earlier = listeners["listener_id"][~left].tolist()
        for listener in turns:
            try:
                # Another program may be serving them: one that was left behind by a run that was given up.
                lock = listener_lock("turn", str(listener["listener_id"]))
                with alone(self.settings, lock, "serving the next listener"):
                    if is_left(self.store, self.began, listener.to_frame().T, self.kinds).all():
                        yield from self._serve(listener, budget)
                    else:
                        earlier.append(listener["listener_id"])
            except ENDS_RUN as error:
                turns.stop(error)
            except AuthorizationExpiredError:
                ask_to_log_in(self.store, listener)
                yield left_alone(listener, "", "must log in again")
            except MissingScopeError:
                yield left_alone(listener, "", "must log in again")
            except Exception as error:  # noqa: BLE001 - one listener's data must not cost the others their playlists
                yield failure(listener, "", error)
        self.report = {**turns.report(), "calls_of": dict(budget.calls), "earlier": earlier}

    def _serve(self, listener: pd.Series, budget: Budget) -> Iterator[Served]:
        wishes = wishes_of(listener)
        kinds = kinds_of(wishes, self.kinds)
        turn = Turn(self.store, self.settings, listener, wishes, kinds, budget, self.began)
        opened = self.libraries.open(wishes.approach)
        listens = self.store.read(LISTENS, where={"listener_id": turn.listener_id})
        listens = listens[listens["expires_at"] > turn.now]
        if listens.empty and not self._feedback(turn)["verdict"].eq("like").any():
            yield left_alone(listener, "", "nothing known of what they play: run `segue listens`")
            return
        account = self.account.open(turn)
        # Only now: what they have deleted must not come back tonight.
        profile = profile_of(listens, self._feedback(turn), self.libraries.catalog, wishes, turn.now)
        evening = _Evening(turn, account, opened.label, rank_catalog(opened.library, profile))
        for place in range(len(kinds)):
            yield self._refresh(evening, kinds[place:])
        account.close()

    def _feedback(self, turn: Turn) -> pd.DataFrame:
        return self.store.read(FEEDBACK, where={"listener_id": turn.listener_id})

    def _refresh(self, evening: _Evening, to_make: Sequence[Kind]) -> Served:
        """Make the first one of the playlists that are to be made."""
        kind, account, listener = to_make[0], evening.account, evening.turn.listener
        if account.is_removed(kind.name):
            again = f"`segue playlists --bring-back {kind.name}` makes it again"
            return left_alone(listener, kind.name, f"removed by the listener: {again}")
        trouble = account.trouble(kind.name)
        if trouble is not None:
            return failure(listener, kind.name, trouble)
        try:
            made = self._publish(evening, to_make)
            return published(listener, kind.name, made, account.outcome, evening.turn.wishes.length)
        except (*ENDS_RUN, AuthorizationExpiredError, MissingScopeError):
            raise
        except Exception as error:  # noqa: BLE001 - nor one playlist the others of the same listener
            return failure(listener, kind.name, error)

    def _publish(self, evening: _Evening, to_make: Sequence[Kind]) -> Playlist:
        account, turn = evening.account, evening.turn
        kind, names = to_make[0], [each.name for each in to_make]
        history = read_history(self.store, turn.listener_id, names, turn.now)
        for _ in range(MOST_DEAD_TRACKS + 1):
            unavailable = unavailable_tracks(self.store, self.settings)
            made = make_playlist(evening.ranked, kind, history, unavailable)
            about = describe(kind.about, made.favorites, turn.now.date(), made.widened)
            listing = Listing(kind.name, kind.title, about, made.tracks, evening.model, made.widened)
            if account.publish(listing):
                return made
        account.restore(kind.name)
        raise SpotifyError(f"over {MOST_DEAD_TRACKS} tracks of it are gone from Spotify: run this again")


def calls_for(listener: pd.Series, asked: Sequence[Kind], account: type[Account]) -> int:
    """Return how many calls a listener's turn takes at most."""
    try:
        return account.calls(len(kinds_of(wishes_of(listener), asked)))
    except InputError:
        # Their settings cannot be used: they will be told, and nobody is called.
        return 0
