"""The sandbox itself, apart from HTTP: its music, its memory, and how tests look into it."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Annotated

from fastapi import Depends, Request

from segue.sandbox.calls import KEPT_CALLS, Call
from segue.sandbox.people import PEOPLE
from segue.sandbox.plan import Faults
from segue.sandbox.songs import Song
from segue.sandbox.state import Grant, Playlist, State
from segue.sandbox.world import World
from segue.settings import Settings
from segue.store import open_store

ACCESS_LIFETIME = timedelta(hours=1)
CONSENT_LIFETIME = timedelta(days=183)


@dataclass(frozen=True)
class Code:
    """What an authorization code stands for."""

    user_id: str
    redirect_uri: str
    scope: str
    expires_at: datetime
    challenge: str | None


class Service:
    """Everything that the routes share.

    Parameters
    ----------
    settings : Settings
        Its store is the catalog; its `var` folder keeps the memory.

    Attributes
    ----------
    requests : deque of Call
        The latest requests, such as ``"GET /v1/me"``, the oldest first.
    faults : Faults
        What goes wrong; nothing, unless it is told to.
    codes : dict
        The authorization codes that nobody has used yet.
    rotates_refresh_tokens : bool
        Whether every refresh brings a new refresh token and ends the old one; Spotify may do either.
    """

    def __init__(self, settings: Settings) -> None:
        self.world = World(open_store(settings.store_url))
        self.state = State(settings.var / "sandbox.json")
        self.people = {person.user_id: person for person in PEOPLE}
        self.requests: deque[Call] = deque(maxlen=KEPT_CALLS)
        self.faults = Faults()
        self.codes: dict[str, Code] = {}
        self.rotates_refresh_tokens = False

    def grant_access(self, user_id: str, scope: str) -> str:
        """Return a new access token."""
        token = secrets.token_urlsafe(24)
        expires_at = datetime.now(timezone.utc) + ACCESS_LIFETIME
        with self.state.changing() as memory:
            memory.access_tokens[token] = Grant(user_id=user_id, scope=scope, expires_at=expires_at)
        return token

    def grant_refresh(self, user_id: str, scope: str) -> str:
        """Return a new refresh token; it lives six months from now, however often it is used."""
        token = secrets.token_urlsafe(24)
        expires_at = datetime.now(timezone.utc) + CONSENT_LIFETIME
        with self.state.changing() as memory:
            memory.refresh_tokens[token] = Grant(user_id=user_id, scope=scope, expires_at=expires_at)
        return token

    def rotate(self, refresh_token: str) -> str | None:
        """Return the refresh token that takes the place of another; None if that is gone, as after a race for it."""
        token = secrets.token_urlsafe(24)
        with self.state.changing() as memory:
            grant = memory.refresh_tokens.pop(refresh_token, None)
            if grant is None:
                return None
            memory.refresh_tokens[token] = grant
        return token

    def revoke(self, user_id: str) -> None:
        """Withdraw a person's consent, as they can on Spotify's account page: every token of theirs is dead."""
        with self.state.changing() as memory:
            for tokens in (memory.refresh_tokens, memory.access_tokens):
                for token in [token for token, grant in tokens.items() if grant.user_id == user_id]:
                    del tokens[token]

    def calls_of(self, user_id: str) -> list[Call]:
        """Return the calls of the Web API that were made for a person, the oldest first; token calls do not count."""
        return [call for call in list(self.requests) if call.user_id == user_id and call.operation]

    def operations(self) -> set[str]:
        """Return the operations of the Web API that were called, such as ``GET /tracks/{id}``: as it is described.

        A call that the sandbox does not have is there as it came, such as ``GET /audio-features/1``.
        """
        return {call.operation for call in list(self.requests) if call.operation}

    def search(self, query: str) -> list[Song]:
        """Return the songs that fit `query` (see `World.search`) and exist (still)."""
        gone = self.state.read().gone
        return [song for song in self.world.search(query) if song.track_id not in gone]

    def songs(self, track_ids: Sequence[str]) -> list[Song | None]:
        """Return the songs with these ids, None for one that does not exist (any more)."""
        gone = self.state.read().gone
        songs = self.world.songs(track_ids)
        return [None if song is None or song.track_id in gone else song for song in songs]

    def playlists_of(self, user_id: str) -> dict[str, Playlist]:
        """Return the playlists that a person made, by id, the latest first: those out of their library, too."""
        playlists = reversed(self.state.read().playlists.items())
        return {playlist_id: playlist for playlist_id, playlist in playlists if playlist.owner == user_id}

    def library_of(self, user_id: str, kind: str = "") -> dict[str, datetime]:
        """Return the URIs in a person's library and since when, the latest first; `kind`: only ``"track"``s, say."""
        library = self.state.read().libraries.get(user_id, {})
        return {uri: since for uri, since in reversed(library.items()) if uri.startswith(f"spotify:{kind}")}

    def track_ids(self, playlist_id: str) -> list[str]:
        """Return what a playlist holds, in order."""
        return [entry.track_id for entry in self.state.read().playlists[playlist_id].entries]

    # What happens in Spotify's own apps, or at Spotify.

    def save_track(self, user_id: str, track_id: str) -> None:
        """Let a person save a track."""
        with self.state.changing() as memory:
            library = memory.libraries.setdefault(user_id, {})
            library[f"spotify:track:{track_id}"] = datetime.now(timezone.utc)

    def remove_track(self, playlist_id: str, track_id: str) -> None:
        """Let the owner of a playlist delete a track from it."""
        with self.state.changing() as memory:
            playlist = memory.playlists[playlist_id]
            playlist.entries = [entry for entry in playlist.entries if entry.track_id != track_id]
            playlist.changes += 1

    def unfollow(self, user_id: str, playlist_id: str) -> None:
        """Let a person take a playlist out of their library, as "delete playlist" does; its id still answers."""
        with self.state.changing() as memory:
            del memory.libraries[user_id][f"spotify:playlist:{playlist_id}"]

    def rename(self, playlist_id: str, name: str) -> None:
        """Let the owner of a playlist give it another name."""
        with self.state.changing() as memory:
            memory.playlists[playlist_id].name = name

    def end_track(self, track_id: str) -> None:
        """Take a track off Spotify: whoever writes it fails, and on playlists that hold it, its item is null."""
        with self.state.changing() as memory:
            memory.gone.add(track_id)


def service_of(request: Request) -> Service:
    """Return the service that a request is for."""
    service: Service = request.app.state.service
    return service


ServiceOf = Annotated[Service, Depends(service_of)]
