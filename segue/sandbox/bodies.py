"""The JSON objects of the Web API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import Request

from segue.sandbox.people import Person
from segue.sandbox.songs import Song, spotify_id
from segue.sandbox.state import Entry, Playlist

Body = dict[str, Any]
_COVER = "https://i.scdn.co/image/{}"


def user(request: Request, person: Person) -> Body:
    """Return a person as others see them."""
    return {**_named(request, "user", person.user_id), "display_name": person.name}


def private_user(request: Request, person: Person) -> Body:
    """Return a person as they see themselves."""
    return {**user(request, person), "account_id": person.account_id, "images": []}


def track(request: Request, song: Song) -> Body:
    """Return a track with its album and artists."""
    return {
        **_named(request, "track", song.track_id),
        "name": song.title,
        "artists": _artists(request, song),
        "album": _album(request, song),
        "disc_number": 1,
        "track_number": 1,
        "duration_ms": song.duration_ms,
        "explicit": song.explicit,
        "external_ids": {"isrc": song.isrc} if song.isrc else {},
        "is_local": False,
        "is_playable": True,
    }


def entry(request: Request, owner: Person, placed: Entry, song: Song | None) -> Body:
    """Return a place on a playlist; its item is null when the track is gone."""
    return {
        "added_at": moment(placed.added_at),
        "added_by": _named(request, "user", owner.user_id),
        "is_local": False,
        "item": None if song is None else track(request, song),
    }


def simple_playlist(request: Request, playlist_id: str, playlist: Playlist, owner: Person) -> Body:
    """Return a playlist as lists of playlists show it."""
    named = _named(request, "playlist", playlist_id)
    return {
        **named,
        "name": playlist.name,
        "description": playlist.description,
        "public": playlist.public,
        "collaborative": False,
        "images": [{"url": _COVER.format(playlist.cover), "height": None, "width": None}] if playlist.cover else [],
        "owner": user(request, owner),
        "snapshot_id": snapshot(playlist_id, playlist),
        "items": {"href": f"{named['href']}/items", "total": len(playlist.entries)},
    }


def snapshot(playlist_id: str, playlist: Playlist) -> str:
    """Return the name of a playlist's present content."""
    return spotify_id(playlist_id, str(playlist.changes))


def artist(request: Request, name: str) -> Body:
    """Return an artist."""
    return {**_named(request, "artist", spotify_id("name", name)), "name": name, "genres": [], "images": []}


def moment(at: datetime) -> str:
    """Return a moment as the Web API writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _artists(request: Request, song: Song) -> list[Body]:
    return [{**_named(request, "artist", spotify_id("name", name)), "name": name} for name in song.artists]


def _album(request: Request, song: Song) -> Body:
    album_id = spotify_id("album", song.artists[0], song.album)
    return {
        **_named(request, "album", album_id),
        "name": song.album,
        "artists": _artists(request, song)[:1],
        "album_type": "album",
        "total_tracks": 1,
        "available_markets": [],
        "images": [],
        "release_date": str(song.year or 1900),
        "release_date_precision": "year",
    }


def _named(request: Request, kind: str, identity: str) -> Body:
    return {
        "id": identity,
        "type": kind,
        "uri": f"spotify:{kind}:{identity}",
        "href": f"{request.base_url}v1/{kind}s/{identity}",
        "external_urls": {"spotify": f"https://open.spotify.com/{kind}/{identity}"},
    }
