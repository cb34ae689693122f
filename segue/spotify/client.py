"""The Web API calls that Segue makes, as one listener."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Literal

import spotipy
from tenacity import nap

from segue.errors import InputError
from segue.settings import Settings
from segue.spotify.answers import KeptPlaylist, created_id, found, readable, snapshot_of, truths
from segue.spotify.played import PlayedTrack
from segue.spotify.sender import Sender

TimeRange = Literal["short_term", "medium_term", "long_term"]
PAGE = 50
WRITE_CHUNK = 100
LIBRARY_CHUNK = 40
LARGEST_COVER = 256 * 1024
TIMEOUT = (5, 20)
"""Seconds to wait for a connection, and for each piece of an answer."""

# spotipy writes whole answers to its log, and they are the listener's own affair.
logging.getLogger("spotipy.client").addFilter(lambda _: False)


class SpotifyClient:
    """What Segue does at Spotify for one listener; not to be shared by threads.

    Reads are repeated a few times when Spotify is in trouble, and everything after a short rate limit. A write whose
    answer is lost may have happened: it raises `AmbiguousWriteError` and is left to the caller, who can read back.
    Every method raises a `SpotifyError` that says in one line what to do.

    Parameters
    ----------
    access_token : str
        A token that is valid now, for an hour at most.
    settings : Settings
        Where the Web API is.
    refresh : callable, optional
        Returns a fresh access token; it is called when Spotify no longer accepts the present one. Without it, that
        is an `AuthorizationExpiredError` at once.
    count : callable, optional
        Called before each attempt of a call, such as `Budget.count`; what it raises keeps the call from being made.
    sleep : callable
        What waits for a number of seconds.
    """

    def __init__(
        self,
        access_token: str,
        settings: Settings,
        *,
        refresh: Callable[[], str] | None = None,
        count: Callable[[], object] | None = None,
        sleep: Callable[[float], None] = nap.sleep,
    ) -> None:
        self._sender = Sender(access_token, refresh, count, sleep)
        # A session of our own has no retry adapter: spotipy's would sleep inside the call and repeat writes.
        self._spotify = spotipy.Spotify(requests_session=self._sender, requests_timeout=TIMEOUT)
        self._spotify.prefix = settings.spotify_api_url.rstrip("/") + "/"

    def me(self) -> dict[str, Any]:
        """Return the listener's profile."""
        return readable(self._to("read the profile").me())

    def top_tracks(self, time_range: TimeRange) -> list[PlayedTrack]:
        """Return up to 50 tracks that the listener played most in `time_range`, the first one first."""
        spotify = self._to("read the top tracks")
        page = spotify.current_user_top_tracks(limit=PAGE, time_range=time_range)
        return _played(found(page, "items"))

    def recently_played(self) -> list[PlayedTrack]:
        """Return up to 50 plays, the latest first; a track is there as often as it was played."""
        page = self._to("read the recently played tracks").current_user_recently_played(limit=PAGE)
        return _played(entry and entry.get("track") for entry in found(page, "items"))

    def saved_tracks(self) -> list[PlayedTrack]:
        """Return up to 50 tracks that the listener saved, the latest first; this takes the scope user-library-read."""
        page = self._to("read the saved tracks").current_user_saved_tracks(limit=PAGE)
        return _played(entry and entry.get("track") for entry in found(page, "items"))

    def my_playlists(self, pages: int = 1) -> list[KeptPlaylist]:
        """Return the playlists in the listener's library, 50 for each of the first `pages` pages (one call each)."""
        listed = islice(self._pages(self._to("list the playlists").current_user_playlists(limit=PAGE)), pages)
        return [KeptPlaylist.parse(body) for page in listed for body in page if body]

    def find_playlist(self, marker: str) -> str | None:
        """Return the id of the playlist in the listener's library whose description holds `marker`, or None.

        Fifty playlists take one call.
        """
        for page in self._pages(self._to("look for a playlist").current_user_playlists(limit=PAGE)):
            for playlist in filter(None, page):
                if marker in (playlist.get("description") or ""):
                    return str(playlist["id"])
        return None

    def library_contains(self, uris: Sequence[str]) -> dict[str, bool]:
        """Return for each URI, such as ``spotify:playlist:…``, whether it is in the listener's library.

        Forty take one call.
        """
        answers: dict[str, bool] = {}
        for chunk in _chunks(uris, LIBRARY_CHUNK):
            spotify = self._to("look into the library")
            # spotipy has no method for this path.
            answer = spotify._get("me/library/contains", uris=",".join(chunk))  # noqa: SLF001 - see above
            answers |= zip(chunk, truths(answer, len(chunk)), strict=True)
        return answers

    def save_to_library(self, uris: Sequence[str]) -> None:
        """Put what the URIs name, such as ``spotify:playlist:…``, into the listener's library; forty take one call."""
        for chunk in _chunks(uris, LIBRARY_CHUNK):
            # spotipy has no method for this path.
            self._to("change the library")._put("me/library", uris=",".join(chunk))  # noqa: SLF001 - see above

    def playlist_entries(self, playlist_id: str, pages: int | None = None) -> list[str | None]:
        """Return the id of each entry of a playlist, in order: None for what is no track, or gone from Spotify.

        Fifty take one call; `pages` says how many of them are enough.
        """
        spotify = self._to("read a playlist")
        answers = self._pages(spotify.playlist_items(playlist_id, limit=PAGE, additional_types=("track",)))
        entries = [entry for page in islice(answers, pages) for entry in page]
        tracks = [PlayedTrack.parse(entry and entry.get("item")) for entry in entries]
        return [track.track_id if track else None for track in tracks]

    def create_playlist(self, name: str, description: str) -> str:
        """Create an empty playlist that stays off the listener's profile, and return its id."""
        spotify = self._to("create a playlist")
        return created_id(spotify.current_user_playlist_create(name, public=False, description=description))

    def describe_playlist(self, playlist_id: str, name: str, description: str) -> None:
        """Set the name and the description (at most 300 characters) of a playlist."""
        self._to("name a playlist").playlist_change_details(playlist_id, name=name, description=description)

    def replace_tracks(self, playlist_id: str, track_ids: Sequence[str]) -> str | None:
        """Make a playlist hold exactly `track_ids`, in that order, and return the snapshot id of what it holds then.

        More than 100 take several calls: the first replaces, the others append. None where Spotify's answer, though a
        success, did not name the snapshot.
        """
        spotify = self._to("write a playlist")
        answer = spotify.playlist_replace_items(playlist_id, list(track_ids[:WRITE_CHUNK]))
        for chunk in _chunks(track_ids[WRITE_CHUNK:], WRITE_CHUNK):
            uris = [f"spotify:track:{track_id}" for track_id in chunk]
            # `playlist_add_items` sends a bare array, which the API does not document.
            answer = spotify._post(f"playlists/{playlist_id}/items", payload={"uris": uris})  # noqa: SLF001 - see above
        return snapshot_of(answer)

    def set_cover(self, playlist_id: str, jpeg: bytes) -> None:
        """Set the cover image of a playlist; this takes the scope ugc-image-upload.

        Raises
        ------
        InputError
            If the image has more than 256 KB as base64, which is 192 KB as it is.
        """
        image = b64encode(jpeg).decode()
        if len(image) > LARGEST_COVER:
            raise InputError(f"a cover may have 192 KB and this one has {len(jpeg) // 1024:,}: compress it more")
        self._to("set a cover").playlist_upload_cover_image(playlist_id, image)

    def _to(self, action: str) -> spotipy.Spotify:
        """Return what speaks to Spotify, to do `action`: a failure says "could not …"."""
        self._sender.action = action
        return self._spotify

    def _pages(self, answer: Any) -> Iterator[list[dict[str, Any] | None]]:
        """Iterate over the items of a page and, as far as they are asked for, of those that follow it."""
        yield found(answer, "items")
        while answer.get("next"):
            answer = self._spotify.next(answer)
            yield found(answer, "items")


def _played(bodies: Iterable[dict[str, Any] | None]) -> list[PlayedTrack]:
    return [track for track in map(PlayedTrack.parse, bodies) if track is not None]


def _chunks(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))
