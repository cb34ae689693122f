"""What happens to a request before its route: it is noted, and where the plan says so, something goes wrong."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from segue.sandbox import cover_api, library_api, listening_api, playlist_api
from segue.sandbox.access import bearer
from segue.sandbox.calls import WEB_API, Call
from segue.sandbox.exchange import Exchange
from segue.sandbox.service import Service

WEB_APIS = (listening_api, library_api, playlist_api, cover_api)


class Doorkeeper:
    """Notes each call and lets the fault that is due happen; a trailing slash is, as at Spotify, as if not there."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, and anything else as it is."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = {**scope, "path": scope["path"].rstrip("/") or "/"}
        if scope["path"] == "/api/token":
            body = await Request(scope, receive).body()
            receive = _again(body, receive)
            call = self._token_call(scope, body)
        else:
            call = self._web_call(scope)
        self._service.requests.append(call)
        fault = self._service.faults.due(call)
        exchange = Exchange(call, self._service.state, self._app, scope, receive, send)
        await (exchange.go_on() if fault is None else fault(exchange))

    def _web_call(self, scope: Scope) -> Call:
        token = bearer(Request(scope).headers.get("Authorization", "")) or ""
        grant = self._service.state.read().access_tokens.get(token)
        return Call(f"{scope['method']} {scope['path']}", _operation(scope), grant.user_id if grant else None, token)

    def _token_call(self, scope: Scope, body: bytes) -> Call:
        fields = {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
        token = fields.get("refresh_token", "")
        grant = self._service.state.read().refresh_tokens.get(token) or self._service.codes.get(fields.get("code", ""))
        return Call(f"{scope['method']} {scope['path']}", None, grant.user_id if grant else None, token)


def _operation(scope: Scope) -> str | None:
    """Return the operation that a request is for, in the words of Spotify's description."""
    path = scope["path"]
    if not path.startswith(f"{WEB_API}/"):
        return None
    path = path.removeprefix(WEB_API)
    for route in (route for api in WEB_APIS for route in api.router.routes):
        if isinstance(route, Route) and route.matches({**scope, "path": path})[0] is Match.FULL:
            path = route.path
            break
    return f"{scope['method']} {path}"


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that begins with a body that was read already."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return left.pop() if left else await receive()

    return receive_again
