"""Keeping a playlist in a listener's account, always the same one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

import pandas as pd

from segue.errors import NotFoundError, SpotifyError, UnavailableError
from segue.settings import Settings
from segue.spotify.client import SpotifyClient
from segue.spotify.listeners import update_listener
from segue.spotify.session import open_session
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


def publish(store: FeatureStore, settings: Settings, listener: pd.Series, listing: Listing) -> str:
    """Make the listener's playlist hold exactly what `listing` says, and return Spotify's id of it.

    Parameters
    ----------
    listener : Series
        A row of the group `listeners`.

    Raises
    ------
    SpotifyError
        If Spotify refuses or does not answer; running it again ends in the same playlist.
    """
    client = open_session(store, settings, listener)
    playlist_id = _existing(client, listener, listing) or _create(store, client, listener, listing)
    try:
        client.replace_tracks(playlist_id, listing.track_ids)
    except UnavailableError:
        # The write may have happened although the answer was an error.
        if not _holds(client, playlist_id, listing.track_ids):
            raise
    return playlist_id


def describe(favorites: Sequence[str], today: date) -> str:
    """Return a description of at most 300 characters, with the date and what the playlist is based on."""
    made = f" Made by Segue on {today:%d %B %Y}."
    songs = " and ".join(favorites)
    text = f"Songs you have not played yet, close to {songs}."
    room = MAX_DESCRIPTION - len(made)
    return (text if len(text) <= room else text[: room - 1] + "…") + made


def _existing(client: SpotifyClient, listener: pd.Series, listing: Listing) -> str | None:
    playlist_id = json.loads(listener["playlists"]).get(listing.key)
    if playlist_id is None:
        return None
    try:
        client.describe_playlist(playlist_id, listing.name, listing.description)
    except NotFoundError:
        return None
    return str(playlist_id)


def _create(store: FeatureStore, client: SpotifyClient, listener: pd.Series, listing: Listing) -> str:
    """Create the playlist and keep its id.

    Killed between the two, the next run creates a second one: Spotify lets names repeat, so an orphan cannot be told
    from a playlist that the listener made. Nothing may come between them.
    """
    playlist_id = client.create_playlist(listing.name, listing.description)
    kept = json.loads(listener["playlists"]) | {listing.key: playlist_id}
    update_listener(store, str(listener["listener_id"]), playlists=json.dumps(kept))
    return playlist_id


def _holds(client: SpotifyClient, playlist_id: str, track_ids: Sequence[str]) -> bool:
    with suppress(SpotifyError):
        return client.playlist_track_ids(playlist_id) == list(track_ids)
    return False
