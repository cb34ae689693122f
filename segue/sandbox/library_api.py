"""The calls of the Web API about a listener's library: what they saved and what they follow."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from segue.sandbox import bodies
from segue.sandbox.access import Caller, Granted, needs
from segue.sandbox.bodies import Body
from segue.sandbox.paging import UsualSpan, page
from segue.sandbox.refusals import Refusal
from segue.sandbox.service import ServiceOf

MAX_URIS = 40
_URI = re.compile(r"spotify:(?:(track|album|episode|show|audiobook|artist|playlist):[0-9A-Za-z]{22}|(user):[^:]+)")
_MODIFY = {
    "playlist": ("playlist-modify-public", "playlist-modify-private"),
    "user": ("user-follow-modify",),
}
_READ = {
    "playlist": ("playlist-read-private",),
    "user": ("user-follow-read",),
    "artist": ("user-follow-read",),
}

router = APIRouter()


def listed(uris: Annotated[str, Query(min_length=1)]) -> dict[str, str]:
    """Return the kind of each of the URIs that a call names."""
    wanted = uris.split(",")
    if len(wanted) > MAX_URIS:
        raise Refusal(400, f"Too many uris: at most {MAX_URIS}")
    matches = [_URI.fullmatch(uri) for uri in wanted]
    kinds = [match[1] or match[2] for match in matches if match]
    if len(kinds) < len(wanted):
        raise Refusal(400, f"Invalid uri: {wanted[matches.index(None)]}")
    return dict(zip(wanted, kinds, strict=True))


Uris = Annotated[dict[str, str], Depends(listed)]


@router.put("/me/library")
def save(service: ServiceOf, person: Caller, grant: Granted, uris: Uris) -> Response:
    """Add to the caller's library; a playlist is followed."""
    _check_modify(grant, uris)
    with service.state.changing() as memory:
        library = memory.libraries.setdefault(person.user_id, {})
        for uri in uris:
            library.setdefault(uri, datetime.now(timezone.utc))
    return Response(status_code=200)


@router.delete("/me/library")
def remove(service: ServiceOf, person: Caller, grant: Granted, uris: Uris) -> Response:
    """Take out of the caller's library; a playlist, their own too, is only not shown there any more."""
    _check_modify(grant, uris)
    with service.state.changing() as memory:
        library = memory.libraries.setdefault(person.user_id, {})
        for uri in uris:
            library.pop(uri, None)
    return Response(status_code=200)


def _check_modify(grant: Granted, uris: dict[str, str]) -> None:
    if "artist" in uris.values():
        raise Refusal(400, "Unsupported uri type: artist")
    for kind in set(uris.values()):
        needs(*_MODIFY.get(kind, ("user-library-modify",)))(grant)


@router.get("/me/library/contains")
def contains(service: ServiceOf, person: Caller, grant: Granted, uris: Uris) -> list[bool]:
    """Answer of each URI whether it is in the caller's library."""
    for kind in set(uris.values()):
        needs(*_READ.get(kind, ("user-library-read",)))(grant)
    library = service.library_of(person.user_id)
    return [uri in library for uri in uris]


@router.get("/me/tracks", dependencies=[Depends(needs("user-library-read"))])
def saved_tracks(request: Request, service: ServiceOf, person: Caller, span: UsualSpan) -> Body:
    """Answer which tracks the caller saved, the latest first."""
    library = service.library_of(person.user_id, "track")
    songs = service.songs([uri.rpartition(":")[2] for uri in library])
    saved = [(moment, song) for moment, song in zip(library.values(), songs, strict=True) if song]
    shown = [
        {"added_at": bodies.moment(moment), "track": bodies.track(request, song)} for moment, song in span.cut(saved)
    ]
    return page(request.url, shown, len(saved), span)
