"""The Web API calls that Segue makes, as one listener."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import requests
import spotipy

from segue.errors import UnavailableError
from segue.settings import Settings
from segue.spotify.failures import clear_errors
from segue.spotify.played import PlayedTrack

TimeRange = Literal["short_term", "medium_term", "long_term"]
PAGE = 50
WRITE_CHUNK = 100
TIMEOUT = (5, 20)
"""Seconds to wait for a connection, and for each piece of an answer."""

# spotipy logs the access token at DEBUG, and repeats every failure at ERROR; ours says it once and keeps the secret.
logging.getLogger("spotipy.client").addFilter(lambda _: False)


class SpotifyClient:
    """What Segue does at Spotify for one listener.

    Nothing is retried here: a failed write may have happened, so only the caller can know what to do.
    Every method raises a `SpotifyError` that says in one line what to do.

    Parameters
    ----------
    access_token : str
        A token that is valid now, for an hour at most.
    settings : Settings
        Where the Web API is.
    """

    def __init__(self, access_token: str, settings: Settings) -> None:
        # A session of our own has no retry adapter: spotipy's would sleep inside the call and repeat writes.
        self._spotify = spotipy.Spotify(access_token, requests_session=requests.Session(), requests_timeout=TIMEOUT)
        self._spotify.prefix = settings.spotify_api_url.rstrip("/") + "/"

    def me(self) -> dict[str, Any]:
        """Return the listener's profile."""
        with clear_errors("read the profile"):
            return _readable(self._spotify.me())

    def top_tracks(self, time_range: TimeRange) -> list[PlayedTrack]:
        """Return up to 50 tracks that the listener played most in `time_range`, the first one first."""
        with clear_errors("read the top tracks"):
            page = _readable(self._spotify.current_user_top_tracks(limit=PAGE, time_range=time_range))
        return _played(_found(page, "items"))

    def recently_played(self) -> list[PlayedTrack]:
        """Return up to 50 plays, the latest first; a track is there as often as it was played."""
        with clear_errors("read the recently played tracks"):
            page = _readable(self._spotify.current_user_recently_played(limit=PAGE))
        return _played(entry and entry.get("track") for entry in _found(page, "items"))

    def create_playlist(self, name: str, description: str) -> str:
        """Create an empty playlist that stays off the listener's profile, and return its id."""
        with clear_errors("create a playlist"):
            created = self._spotify.current_user_playlist_create(name, public=False, description=description)
        return str(_found(_readable(created), "id"))

    def describe_playlist(self, playlist_id: str, name: str, description: str) -> None:
        """Set the name and the description (at most 300 characters) of a playlist."""
        with clear_errors("name a playlist"):
            self._spotify.playlist_change_details(playlist_id, name=name, description=description)

    def replace_tracks(self, playlist_id: str, track_ids: Sequence[str]) -> None:
        """Make a playlist hold exactly `track_ids`, in that order.

        More than 100 take several calls: the first replaces, the others append.
        """
        with clear_errors("write a playlist"):
            self._spotify.playlist_replace_items(playlist_id, list(track_ids[:WRITE_CHUNK]))
            for start in range(WRITE_CHUNK, len(track_ids), WRITE_CHUNK):
                uris = [f"spotify:track:{track_id}" for track_id in track_ids[start : start + WRITE_CHUNK]]
                # `playlist_add_items` sends a bare array, which the API does not document.
                self._spotify._post(f"playlists/{playlist_id}/items", payload={"uris": uris})  # noqa: SLF001 - see above

    def playlist_track_ids(self, playlist_id: str) -> list[str]:
        """Return the ids of the tracks that a playlist holds, in order; what is gone from Spotify is left out."""
        entries = self._entries(playlist_id)
        return [track.track_id for track in _played(entry and entry.get("item") for entry in entries)]

    def find_playlist(self, marker: str) -> str | None:
        """Return the id of the listener's playlist whose description holds `marker`, or None."""
        with clear_errors("look for a playlist"):
            for playlist in self._items(self._spotify.current_user_playlists(limit=PAGE)):
                if playlist and marker in (playlist.get("description") or ""):
                    return str(playlist["id"])
        return None

    def _entries(self, playlist_id: str) -> Iterator[dict[str, Any] | None]:
        with clear_errors("read a playlist"):
            yield from self._items(self._spotify.playlist_items(playlist_id, limit=PAGE, additional_types=("track",)))

    def _items(self, answer: Any) -> Iterator[dict[str, Any] | None]:
        """Iterate over the items of a page and of all that follow it."""
        page = _readable(answer)
        yield from _found(page, "items")
        while page.get("next"):
            page = _readable(self._spotify.next(page))
            yield from _found(page, "items")


def _played(bodies: Iterable[dict[str, Any] | None]) -> list[PlayedTrack]:
    return [track for track in map(PlayedTrack.parse, bodies) if track is not None]


def _readable(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise UnavailableError("Spotify answered with something that is not JSON; run this again later")
    return answer


def _found(answer: dict[str, Any], key: str) -> Any:
    if key not in answer:
        raise UnavailableError(f"Spotify answered without {key!r}; run this again later")
    return answer[key]
