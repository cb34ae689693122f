"""The calls of the Web API that only read: the profile, what is played, tracks, search."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request

from segue.sandbox import bodies
from segue.sandbox.access import Caller, granted, needs
from segue.sandbox.bodies import Body
from segue.sandbox.paging import ShortSpan, UsualSpan, page
from segue.sandbox.refusals import Refusal
from segue.sandbox.service import ServiceOf

TimeRange = Literal["short_term", "medium_term", "long_term"]
KINDS = ("album", "artist", "playlist", "track", "show", "episode", "audiobook")
BETWEEN_PLAYS = timedelta(minutes=37)

router = APIRouter()


@router.get("/me")
def me(request: Request, person: Caller) -> Body:
    """Answer who the caller is."""
    return bodies.private_user(request, person)


@router.get("/me/top/tracks", dependencies=[Depends(needs("user-top-read"))])
def top_tracks(
    request: Request, service: ServiceOf, person: Caller, span: UsualSpan, time_range: TimeRange = "medium_term"
) -> Body:
    """Answer what the caller played most."""
    songs = service.world.plays(person.user_id, time_range)
    return page(request.url, [bodies.track(request, song) for song in span.cut(songs)], len(songs), span)


@router.get("/me/top/artists", dependencies=[Depends(needs("user-top-read"))])
def top_artists(
    request: Request, service: ServiceOf, person: Caller, span: UsualSpan, time_range: TimeRange = "medium_term"
) -> Body:
    """Answer whom the caller played most."""
    songs = service.world.plays(person.user_id, time_range)
    names = list(dict.fromkeys(name for song in songs for name in song.artists))
    return page(request.url, [bodies.artist(request, name) for name in span.cut(names)], len(names), span)


@router.get("/me/player/recently-played", dependencies=[Depends(needs("user-read-recently-played"))])
def recently_played(  # noqa: PLR0913, PLR0917 - a route takes what the request has
    request: Request,
    service: ServiceOf,
    person: Caller,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
    after: int | None = None,
    before: int | None = None,
) -> Body:
    """Answer what the caller played last; `after` and `before` are moments in milliseconds since 1970."""
    if after is not None and before is not None:
        raise Refusal(400, "Only one of after and before may be given")
    now = datetime.now(timezone.utc).replace(minute=0, second=0, microsecond=0)
    plays = []
    for back, song in enumerate(service.world.plays(person.user_id, "recently_played")):
        played_at = now - back * BETWEEN_PLAYS
        moment = int(played_at.timestamp() * 1000)
        if (after is None or moment > after) and (before is None or moment < before):
            plays.append((moment, played_at, bodies.track(request, song)))
    return _cursor_page(request, plays[:limit], limit)


def _cursor_page(request: Request, plays: list[tuple[int, datetime, Body]], limit: int) -> Body:
    items = [
        {
            "track": track,
            "played_at": played_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "context": {key: track["album"][key] for key in ("type", "href", "external_urls", "uri")},
        }
        for _, played_at, track in plays
    ]
    url = request.url.include_query_params(limit=limit)
    if not plays:
        return {"href": str(url), "limit": limit, "items": items}
    latest, oldest = str(plays[0][0]), str(plays[-1][0])
    following = url.remove_query_params("after").include_query_params(before=oldest)
    cursors = {"after": latest, "before": oldest}
    return {"href": str(url), "limit": limit, "items": items, "next": str(following), "cursors": cursors}


@router.get("/tracks/{id}", dependencies=[Depends(granted)])
def track(request: Request, service: ServiceOf, track_id: Annotated[str, Path(alias="id")]) -> Body:
    """Answer what a track is."""
    (song,) = service.songs([track_id])
    if song is None:
        raise Refusal(404, "Resource not found")
    return bodies.track(request, song)


@router.get("/search", dependencies=[Depends(granted)])
def search(
    request: Request,
    service: ServiceOf,
    q: Annotated[str, Query(min_length=1)],
    kinds: Annotated[str, Query(alias="type")],
    span: ShortSpan,
) -> Body:
    """Answer which tracks match; of other kinds the sandbox has none."""
    wanted = kinds.split(",")
    if not set(wanted) <= set(KINDS):
        raise Refusal(400, "Bad search type field")
    answer = {f"{kind}s": page(request.url, [], 0, span) for kind in wanted}
    if "track" in wanted:
        found = service.search(q)
        answer["tracks"] = page(
            request.url, [bodies.track(request, song) for song in span.cut(found)], len(found), span
        )
    return answer
