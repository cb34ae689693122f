"""A stand-in for GitHub's REST API: issues, and whether a workflow's schedule is on. `gh` talks to it through a proxy.

`gh` speaks plain HTTP to the host ``github.localhost`` and no other, at port 80; as its proxy, the stand-in is met
wherever it listens.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Response
from serving import serving
from starlette.types import ASGIApp, Receive, Scope, Send

ADDRESS = "http://api.github.localhost"
OURS = "github-actions[bot]"


@dataclass
class FakeGitHub:
    """A repository on GitHub.

    Attributes
    ----------
    issues : list of dict
        Whatever was opened, with ``number``, ``title``, ``state`` and ``user``.
    enabled : int
        How often the nightly workflow was enabled.
    environment : dict
        What makes `gh` talk to it.
    """

    issues: list[dict[str, Any]] = field(default_factory=list)
    enabled: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    def open_issue(self, title: str, user: str = OURS, body: str = "") -> dict[str, Any]:
        """Open an issue, and return it."""
        issue = {"number": len(self.issues) + 1, "title": title, "body": body, "state": "open", "user": {"login": user}}
        self.issues.append(issue)
        return issue


@contextmanager
def serving_github(token: str) -> Iterator[FakeGitHub]:
    """Serve a repository to whoever brings `token`, until the block ends."""
    github = FakeGitHub()
    with serving(lambda _: _application(github, token)) as address:
        github.environment = {
            "GH_HOST": "github.localhost",
            "HTTP_PROXY": address,
            "http_proxy": address,
            "NO_PROXY": "",
            "no_proxy": "",
        }
        yield github


def _application(github: FakeGitHub, token: str) -> FastAPI:
    def authorized(authorization: str = Header("")) -> None:
        if authorization != f"token {token}":
            raise HTTPException(401, "Bad credentials")

    router = APIRouter(prefix="/repos/somebody/segue", dependencies=[Depends(authorized)])

    @router.get("/issues")
    def issues(response: Response, state: str = "open", per_page: int = 30, page: int = 1) -> list[dict[str, Any]]:
        # As on GitHub, the newest first, and the address of the next page in a header.
        found = [issue for issue in reversed(github.issues) if issue["state"] == state]
        if page * per_page < len(found):
            following = f"{ADDRESS}/repos/somebody/segue/issues?state={state}&per_page={per_page}&page={page + 1}"
            response.headers["Link"] = f'<{following}>; rel="next"'
        return found[(page - 1) * per_page : page * per_page]

    @router.post("/issues", status_code=201)
    def create(fields: dict[str, Any]) -> dict[str, Any]:
        return github.open_issue(**fields)

    @router.patch("/issues/{number}")
    def update(number: int, fields: dict[str, Any]) -> dict[str, Any]:
        github.issues[number - 1] |= fields
        return github.issues[number - 1]

    @router.put("/actions/workflows/nightly.yml/enable", status_code=204)
    def enable() -> None:
        github.enabled += 1

    app = FastAPI()
    app.include_router(router)
    app.add_middleware(_AsProxy)
    return app


class _AsProxy:
    """Takes the whole address, which is what a proxy is asked for, for its path."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = urlsplit(scope["path"]).path
        await self.app({**scope, "path": path, "raw_path": path.encode()}, receive, send)
