"""Spotify's accounts service: consent, codes and tokens."""

from __future__ import annotations

import secrets
from base64 import b64encode
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from pydantic import BaseModel

from segue.sandbox.address import CLIENT_ID, CLIENT_SECRET
from segue.sandbox.service import ACCESS_LIFETIME, Code, Service, ServiceOf
from segue.web_page import HEADERS, banner, choices, web_page

STANDS_IN = (
    "This page stands in for Spotify's. It is part of a demo, Segue's sandbox: these listeners are made up, nobody "
    "needs an account, and Spotify learns nothing of it."
)
CODE_LIFETIME = timedelta(minutes=10)

router = APIRouter()


class Ask(BaseModel):
    """What an app asks the consent page; `listener`, `login_hint` and `deny` answer in place of a person."""

    client_id: str = ""
    response_type: str = ""
    redirect_uri: str = ""
    state: str = ""
    scope: str = ""
    code_challenge: str | None = None
    code_challenge_method: str | None = None
    listener: str = ""
    login_hint: str = ""
    deny: bool = False


@router.get("/authorize")
def authorize(request: Request, service: ServiceOf, ask: Annotated[Ask, Query()]) -> Response:
    """Give consent in the name of `listener` (or `login_hint`) at once, or deny it; else ask who it is."""
    wrong = _wrong(ask)
    if wrong is not None:
        return PlainTextResponse(wrong, 400)
    if ask.deny:
        return _back(ask.redirect_uri, error="access_denied", state=ask.state)
    user_id = ask.listener or ask.login_hint
    if user_id not in service.people:
        return HTMLResponse(_choice(request, service), headers=HEADERS)
    code = secrets.token_urlsafe(24)
    until = datetime.now(timezone.utc) + CODE_LIFETIME
    service.codes[code] = Code(user_id, ask.redirect_uri, ask.scope, until, ask.code_challenge)
    return _back(ask.redirect_uri, code=code, state=ask.state)


def _wrong(ask: Ask) -> str | None:
    if ask.client_id != CLIENT_ID:
        return "INVALID_CLIENT: Invalid client"
    if ask.response_type != "code":
        return "response_type must be code"
    if not _is_secure(ask.redirect_uri):
        return "INVALID_CLIENT: Insecure redirect URI"
    if ask.code_challenge is not None and ask.code_challenge_method != "S256":
        return "code_challenge_method must be S256"
    return None


def _back(redirect_uri: str, **brought: str) -> RedirectResponse:
    joint = "&" if urlsplit(redirect_uri).query else "?"
    return RedirectResponse(f"{redirect_uri}{joint}{urlencode(brought)}", 302)


def _is_secure(redirect_uri: str) -> bool:
    parts = urlsplit(redirect_uri)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1"})


def _choice(request: Request, service: Service) -> str:
    url = request.url
    people = [
        (str(url.include_query_params(listener=person.user_id)), person.name, person.description)
        for person in service.people.values()
    ]
    no = (str(url.include_query_params(deny=True)), "Cancel", "Give no consent, and go back.")
    return web_page("Who would you like to be?", banner(STANDS_IN), choices([*people, no]))


async def form(request: Request) -> dict[str, str]:
    """Return the fields of a form."""
    return dict(parse_qsl((await request.body()).decode()))


@router.post("/api/token")
def token(
    request: Request,
    service: ServiceOf,
    fields: Annotated[dict[str, str], Depends(form)],
    authorization: Annotated[str, Header()] = "",
) -> JSONResponse:
    """Exchange a code, a refresh token, or nothing but the app's own credentials, for an access token."""
    if authorization != "Basic " + b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode():
        return _refusal("invalid_client", "Invalid client")
    kind = fields.get("grant_type")
    # A fault may ask for it, for this one call.
    rotates = service.rotates_refresh_tokens or getattr(request.state, "rotates_refresh_tokens", False)
    if kind == "authorization_code":
        return _from_code(service, service.codes.pop(fields.get("code", ""), None), fields)
    if kind == "refresh_token":
        return _from_refresh_token(service, fields.get("refresh_token", ""), rotates=rotates)
    if kind == "client_credentials":
        return _from_app()
    return _refusal("unsupported_grant_type", "grant_type parameter is missing or unknown")


def _from_code(service: Service, code: Code | None, fields: dict[str, str]) -> JSONResponse:
    if code is None or code.expires_at <= datetime.now(timezone.utc):
        return _refusal("invalid_grant", "Invalid authorization code")
    if fields.get("redirect_uri") != code.redirect_uri:
        return _refusal("invalid_grant", "Invalid redirect URI")
    if code.challenge is not None and create_s256_code_challenge(fields.get("code_verifier", "")) != code.challenge:
        return _refusal("invalid_grant", "code_verifier was incorrect")
    return _tokens(service, code.user_id, code.scope, service.grant_refresh(code.user_id, code.scope))


def _from_refresh_token(service: Service, old: str, *, rotates: bool) -> JSONResponse:
    grant = service.state.read().refresh_tokens.get(old)
    if grant is None:
        return _refusal("invalid_grant", "Refresh token revoked")
    if grant.expires_at <= datetime.now(timezone.utc):
        return _refusal("invalid_grant", "Refresh token expired")
    if not rotates:
        return _tokens(service, grant.user_id, grant.scope)
    new = service.rotate(old)
    if new is None:
        return _refusal("invalid_grant", "Refresh token revoked")
    return _tokens(service, grant.user_id, grant.scope, new)


def _from_app() -> JSONResponse:
    # At Spotify it opens what concerns no listener; Segue asks for nothing of that kind, and here it opens nothing.
    lifetime = int(ACCESS_LIFETIME.total_seconds())
    return JSONResponse({"access_token": secrets.token_urlsafe(24), "token_type": "Bearer", "expires_in": lifetime})


def _tokens(service: Service, user_id: str, scope: str, refresh_token: str | None = None) -> JSONResponse:
    body: dict[str, Any] = {
        "access_token": service.grant_access(user_id, scope),
        "token_type": "Bearer",
        "scope": scope,
        "expires_in": int(ACCESS_LIFETIME.total_seconds()),
    }
    return JSONResponse(body if refresh_token is None else {**body, "refresh_token": refresh_token})


def _refusal(error: str, description: str) -> JSONResponse:
    return JSONResponse({"error": error, "error_description": description}, 400)
