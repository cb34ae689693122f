"""Keeping a playlist in a listener's account, always the same one."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from segue.errors import AmbiguousWriteError, NotFoundError, SpotifyError
from segue.groups import LISTENERS
from segue.spotify.client import SpotifyClient
from segue.spotify.listeners import update_listener
from segue.store import FeatureStore

MAX_DESCRIPTION = 300


@dataclass(frozen=True)
class Listing:
    """What a playlist in Spotify should look like.

    Attributes
    ----------
    key : str
        Segue's name of it, under which its id is kept.
    name, description : str
        What people see; at most 300 characters of description.
    track_ids : list of str
    """

    key: str
    name: str
    description: str
    track_ids: list[str]


def publish(store: FeatureStore, client: SpotifyClient, listener_id: str, listing: Listing) -> str:
    """Make the listener's playlist hold exactly what `listing` says, and return Spotify's id of it.

    At most one program at a time may publish: two at once would each create a playlist.

    Raises
    ------
    SpotifyError
        If Spotify refuses or does not answer; running it again ends in the same playlist.
    """
    playlist_id = _existing(store, client, listener_id, listing) or _make(store, client, listener_id, listing)
    try:
        client.replace_tracks(playlist_id, listing.track_ids)
    except AmbiguousWriteError:
        # The write may have happened although the answer was an error.
        if not _holds(client, playlist_id, listing.track_ids):
            raise
    return playlist_id


def held_tracks(store: FeatureStore, client: SpotifyClient, listener_id: str, key: str) -> list[str]:
    """Return what a playlist holds in Spotify now; nothing where there is none (any more)."""
    playlist_id = _kept(store, listener_id).get(key)
    if not isinstance(playlist_id, str):
        return []
    try:
        return client.playlist_track_ids(playlist_id)
    except NotFoundError:
        return []


def describe(about: str, favorites: Sequence[str], today: date, widened: Sequence[str] = ()) -> str:
    """Return a description of at most 300 characters: what is on the playlist, what it is based on, and the date.

    `widened` names the filters that had to be relaxed, if any.
    """
    let_in = f" To fill it, these came in: {', '.join(widened)}." if widened else ""
    made = f"{let_in} Made by Segue on {today:%d %B %Y}."
    text = f"{about}, close to {' and '.join(favorites)}."
    room = MAX_DESCRIPTION - len(made)
    return (text if len(text) <= room else text[: room - 1] + "…") + made


def _existing(store: FeatureStore, client: SpotifyClient, listener_id: str, listing: Listing) -> str | None:
    """Return the id of the playlist that was kept, described anew; None where there is none (any more)."""
    playlist_id = _kept(store, listener_id).get(listing.key)
    if not isinstance(playlist_id, str):
        return None
    try:
        client.describe_playlist(playlist_id, listing.name, listing.description)
    except NotFoundError:
        return None
    return playlist_id


def _make(store: FeatureStore, client: SpotifyClient, listener_id: str, listing: Listing) -> str:
    """Create the playlist, or find the one whose creation was interrupted, and keep its id.

    Spotify lets names repeat, so a marker is stored before the call and stands in the description until the id is
    stored: after a kill or a lost answer it tells the new playlist from all that the listener made.
    """
    pending = _kept(store, listener_id).get(listing.key)
    if isinstance(pending, dict):
        marker = pending["pending"]
        playlist_id = client.find_playlist(marker) or _create(client, listing, marker)
    else:
        marker = secrets.token_hex(8)
        _keep(store, listener_id, listing, {"pending": marker})
        playlist_id = _create(client, listing, marker)
    _keep(store, listener_id, listing, playlist_id)
    client.describe_playlist(playlist_id, listing.name, listing.description)
    return playlist_id


def _create(client: SpotifyClient, listing: Listing, marker: str) -> str:
    try:
        return client.create_playlist(listing.name, f"Segue is about to fill this playlist ({marker}).")
    except AmbiguousWriteError:
        # It may have been created although the answer was an error.
        playlist_id = client.find_playlist(marker)
        if playlist_id is None:
            raise
        return playlist_id


def _kept(store: FeatureStore, listener_id: str) -> dict[str, str | dict[str, str]]:
    """Return what the store has of each playlist, by Segue's name: Spotify's id, or the marker of one in the making."""
    found = store.read(LISTENERS, ["playlists"], {"listener_id": listener_id})["playlists"]
    return {} if found.empty else dict(json.loads(found.iloc[0]))


def _keep(store: FeatureStore, listener_id: str, listing: Listing, state: str | dict[str, str]) -> None:
    kept = _kept(store, listener_id) | {listing.key: state}
    update_listener(store, listener_id, playlists=json.dumps(kept))


def _holds(client: SpotifyClient, playlist_id: str, track_ids: Sequence[str]) -> bool:
    with suppress(SpotifyError):
        return client.playlist_track_ids(playlist_id) == list(track_ids)
    return False
