"""The calls of the Web API about playlists."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timezone
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from segue.sandbox import bodies
from segue.sandbox.access import Caller, Granted, granted, needs
from segue.sandbox.bodies import Body
from segue.sandbox.paging import Span, UsualSpan, page
from segue.sandbox.people import Person
from segue.sandbox.refusals import Refusal
from segue.sandbox.service import Service, ServiceOf
from segue.sandbox.songs import spotify_id
from segue.sandbox.state import Entry, Memory, Playlist

MAX_URIS = 100
_TRACK_URI = re.compile(r"spotify:track:([0-9A-Za-z]{22})")
MODIFY = [Depends(needs("playlist-modify-private", "playlist-modify-public"))]
_READ = [Depends(needs("playlist-read-private"))]

router = APIRouter()


class NewPlaylist(BaseModel):
    """The body that creates a playlist."""

    name: Annotated[str, Field(min_length=1)]
    description: Annotated[str, Field(max_length=300)] = ""
    public: bool = True


class Details(BaseModel):
    """The body that changes a playlist; what it leaves out stays."""

    name: Annotated[str, Field(min_length=1)] | None = None
    description: Annotated[str, Field(max_length=300)] | None = None
    public: bool | None = None


class Items(BaseModel):
    """The body that writes tracks."""

    uris: list[str]
    position: Annotated[int, Field(ge=0)] | None = None


@router.get("/me/playlists", dependencies=_READ)
def my_playlists(request: Request, service: ServiceOf, person: Caller, span: UsualSpan) -> Body:
    """Answer which playlists are in the caller's library, the latest first."""
    mine = [uri.rpartition(":")[2] for uri in service.library_of(person.user_id, "playlist")]
    playlists = service.state.read().playlists
    # As at Spotify, what does not exist any more leaves a null.
    shown = [
        bodies.simple_playlist(
            request, playlist_id, playlists[playlist_id], service.people[playlists[playlist_id].owner]
        )
        if playlist_id in playlists
        else None
        for playlist_id in span.cut(mine)
    ]
    return page(request.url, shown, len(mine), span)


@router.post("/me/playlists", status_code=201, dependencies=MODIFY)
def create(request: Request, service: ServiceOf, person: Caller, grant: Granted, new: NewPlaylist) -> Body:
    """Create a playlist; names need not be unique."""
    needs("playlist-modify-public" if new.public else "playlist-modify-private")(grant)
    playlist_id = spotify_id("playlist", secrets.token_hex())
    with service.state.changing() as memory:
        memory.playlists[playlist_id] = Playlist(owner=person.user_id, **new.model_dump())
        library = memory.libraries.setdefault(person.user_id, {})
        library[f"spotify:playlist:{playlist_id}"] = datetime.now(timezone.utc)
    return playlist(request, service, playlist_id)


@router.get("/playlists/{playlist_id}", dependencies=[Depends(granted)])
def playlist(request: Request, service: ServiceOf, playlist_id: str) -> Body:
    """Answer what a playlist is, with its first page of items."""
    found = find(service.state.read(), playlist_id)
    owner = service.people[found.owner]
    return {
        **bodies.simple_playlist(request, playlist_id, found, owner),
        "items": _entries(request, service, playlist_id, Span(limit=100, offset=0)),
        "followers": {"href": None, "total": 0},
    }


@router.put("/playlists/{playlist_id}", dependencies=MODIFY)
def describe(service: ServiceOf, person: Caller, playlist_id: str, details: Details) -> Response:
    """Change a playlist's name, description or visibility."""
    with service.state.changing() as memory:
        changed = find(memory, playlist_id, person)
        for name, value in details.model_dump(exclude_none=True).items():
            setattr(changed, name, value)
    return Response(status_code=200)


@router.get("/playlists/{playlist_id}/items", dependencies=_READ)
def items(request: Request, service: ServiceOf, person: Caller, playlist_id: str, span: UsualSpan) -> Body:
    """Answer what is on a playlist, to its owner."""
    find(service.state.read(), playlist_id, person)
    return _entries(request, service, playlist_id, span)


@router.put("/playlists/{playlist_id}/items", dependencies=MODIFY)
def replace(service: ServiceOf, person: Caller, playlist_id: str, items: Items) -> Body:
    """Make a playlist hold exactly these tracks."""
    return _write(service, person, playlist_id, items, keep=False)


@router.post("/playlists/{playlist_id}/items", status_code=201, dependencies=MODIFY)
def add(service: ServiceOf, person: Caller, playlist_id: str, items: Items) -> Body:
    """Put tracks on a playlist, at the end or at a position."""
    return _write(service, person, playlist_id, items, keep=True)


def _write(service: Service, person: Person, playlist_id: str, items: Items, *, keep: bool) -> Body:
    added = _new_entries(service, items.uris)
    with service.state.changing() as memory:
        changed = find(memory, playlist_id, person)
        kept = changed.entries if keep else []
        position = len(kept) if items.position is None else items.position
        changed.entries = [*kept[:position], *added, *kept[position:]]
        changed.changes += 1
        return {"snapshot_id": bodies.snapshot(playlist_id, changed)}


def _new_entries(service: Service, uris: list[str]) -> list[Entry]:
    if len(uris) > MAX_URIS:
        raise Refusal(400, "You can add a maximum of 100 tracks per request.")
    matches = [_TRACK_URI.fullmatch(uri) for uri in uris]
    track_ids = [match[1] for match in matches if match]
    if len(track_ids) < len(uris):
        raise Refusal(400, f"Invalid track uri: {uris[matches.index(None)]}")
    if None in service.songs(track_ids):
        # What Spotify does when a single track of a write is dead.
        raise Refusal(502, "Bad gateway.")
    now = datetime.now(timezone.utc)
    return [Entry(track_id=track_id, added_at=now) for track_id in track_ids]


def find(memory: Memory, playlist_id: str, owner: Person | None = None) -> Playlist:
    """Return a playlist, to `owner` alone if there is one."""
    found = memory.playlists.get(playlist_id)
    if found is None:
        raise Refusal(404, "Resource not found")
    if owner is not None and found.owner != owner.user_id:
        raise Refusal(403, "You cannot use a playlist you don't own.")
    return found


def _entries(request: Request, service: Service, playlist_id: str, span: Span) -> Body:
    found = find(service.state.read(), playlist_id)
    placed = span.cut(found.entries)
    songs = service.songs([entry.track_id for entry in placed])
    owner = service.people[found.owner]
    shown = [bodies.entry(request, owner, entry, song) for entry, song in zip(placed, songs, strict=True)]
    address = request.url.replace(path=f"/v1/playlists/{playlist_id}/items")
    return page(address, shown, len(found.entries), span)
