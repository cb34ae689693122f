"""Where a listener's playlists go: into their account at Spotify, or nowhere, to see what a run would make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from inference_pipeline.cover import give_covers
from inference_pipeline.dead_tracks import unavailable_tracks
from inference_pipeline.keeping import Keeping
from inference_pipeline.kept import Kept, read_kept
from inference_pipeline.publish import Listing, publish
from inference_pipeline.read_back import read_back, read_saved
from inference_pipeline.turn import Turn
from inference_pipeline.writing import restore
from segue.errors import SpotifyError
from segue.spotify.budget import CALLS_PER_PLAYLIST, PLAYLISTS_CALLS
from segue.spotify.session import open_session


class Account(Protocol):
    """A listener's account, for the length of their turn.

    Attributes
    ----------
    outcome : str
        What is said of a playlist that is there.
    """

    outcome: ClassVar[str]

    @staticmethod
    def calls(n_playlists: int) -> int:
        """Return how many calls of Spotify a turn takes at most."""
        ...

    @classmethod
    def open(cls, turn: Turn) -> Account:
        """Look into the account, and take down what the listener has said there since the last run."""
        ...

    def is_removed(self, name: str) -> bool:
        """Return whether the listener has removed a playlist: it is not made again."""
        ...

    def trouble(self, name: str) -> SpotifyError | None:
        """Return why a playlist must be left alone in this run, if it must."""
        ...

    def publish(self, listing: Listing) -> bool:
        """Make a playlist hold what `listing` says, as `inference_pipeline.publish.publish` does."""
        ...

    def restore(self, name: str) -> None:
        """Put back what a playlist held before, where it was disturbed."""
        ...

    def close(self) -> None:
        """Do what is left to do when all playlists are made."""
        ...


@dataclass(frozen=True)
class SpotifyAccount:
    """The account at Spotify."""

    outcome: ClassVar[str] = "published"

    turn: Turn
    keeping: Keeping

    @staticmethod
    def calls(n_playlists: int) -> int:
        """Return how many calls of Spotify a turn takes at most."""
        return PLAYLISTS_CALLS + CALLS_PER_PLAYLIST * n_playlists

    @classmethod
    def open(cls, turn: Turn) -> SpotifyAccount:
        """Look which playlists are there, and take down what the listener did to them."""
        client = open_session(turn.store, turn.settings, turn.listener, turn.budget)
        keeping = Keeping(turn.store, client, turn.budget, turn.listener_id, turn.names)
        account = cls(turn, keeping)
        keeping.look(turn.now)
        may_read_saved = turn.settings.saved_tracks and account._has_granted("user-library-read")
        read_back(keeping, turn.now, read_saved(keeping, turn.now) if may_read_saved else ())
        return account

    def is_removed(self, name: str) -> bool:
        """Return whether the listener has removed a playlist."""
        return self.keeping.is_removed(name)

    def trouble(self, name: str) -> SpotifyError | None:
        """Return why a playlist could not be read back."""
        return self.keeping.failed.get(name)

    def publish(self, listing: Listing) -> bool:
        """Publish a playlist."""
        return publish(self.keeping, self.turn.settings, listing, self.turn.now)

    def restore(self, name: str) -> None:
        """Put back what a playlist held before."""
        restore(self.keeping, name, unavailable_tracks(self.turn.store, self.turn.settings))

    def close(self) -> None:
        """Give covers to the playlists that have none, where that is switched on."""
        if self.turn.settings.covers and self._has_granted("ugc-image-upload"):
            give_covers(self.keeping)

    def _has_granted(self, scope: str) -> bool:
        return scope in self.turn.listener["scopes"].split()


@dataclass(frozen=True)
class Rehearsal:
    """No account: nobody is called, and nothing is stored."""

    outcome: ClassVar[str] = "made, not published"

    turn: Turn
    kept: dict[str, Kept]

    @staticmethod
    def calls(n_playlists: int) -> int:
        """Return 0."""
        del n_playlists
        return 0

    @classmethod
    def open(cls, turn: Turn) -> Rehearsal:
        """Look up what is remembered of the listener's playlists."""
        return cls(turn, read_kept(turn.store, turn.listener_id))

    def is_removed(self, name: str) -> bool:
        """Return whether the listener is known to have removed a playlist."""
        return name in self.kept and self.kept[name].removed_at is not None

    def trouble(self, name: str) -> None:
        """Return None."""

    def publish(self, listing: Listing) -> bool:
        """Leave everything as it is."""
        del listing
        return True

    def restore(self, name: str) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""
