"""A stand-in for the part of the Hugging Face Hub through which a Space is written to."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import yaml
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Request, Response
from serving import serving

COMMIT = "1" * 40


@dataclass
class FakeSpace:
    """The Space ``somebody/segue``.

    Attributes
    ----------
    files : dict of str to bytes
        Its content.
    sdk : str
        Which it was created with; empty where it was not.
    commits : list of str
        Their messages.
    url : str
        Where the Hub is.
    """

    files: dict[str, bytes] = field(default_factory=lambda: {".gitattributes": b"*.png filter=lfs"})
    sdk: str = ""
    commits: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving_space(token: str) -> Iterator[FakeSpace]:
    """Serve a Hub to whoever brings `token`, until the block ends."""
    space = FakeSpace()
    with serving(lambda address: _application(space, token, address)) as space.url:
        yield space


def _application(space: FakeSpace, token: str, address: str) -> FastAPI:  # noqa: C901 - one function for each call
    def authorized(authorization: str = Header("")) -> None:
        if authorization != f"Bearer {token}":
            raise HTTPException(401, "Invalid credentials in Authorization header")

    router = APIRouter(prefix="/api", dependencies=[Depends(authorized)])

    @router.post("/repos/create")
    def create(asked: dict[str, Any], response: Response) -> dict[str, str]:
        if space.sdk:
            response.status_code = 409
        assert (asked["type"], asked["organization"], asked["name"]) == ("space", "somebody", "segue")
        space.sdk = asked["sdk"]
        return {"url": f"{address}/spaces/somebody/segue"}

    @router.post("/validate-yaml")
    def validate(asked: dict[str, Any]) -> dict[str, list[Any]]:
        _, front_matter, _ = asked["content"].split("---\n", 2)
        yaml.safe_load(front_matter)
        return {"errors": [], "warnings": []}

    @router.get("/spaces/somebody/segue/revision/main")
    def information() -> dict[str, Any]:
        return {"id": "somebody/segue", "sha": COMMIT, "siblings": [{"rfilename": name} for name in space.files]}

    @router.get("/spaces/somebody/segue/tree/main")
    def tree() -> list[dict[str, Any]]:
        return [{"type": "file", "path": name, "size": len(held), "oid": COMMIT} for name, held in space.files.items()]

    @router.post("/spaces/somebody/segue/preupload/main")
    def prepare(asked: dict[str, Any]) -> dict[str, Any]:
        # The real one takes pictures apart from the commit.
        plain = {"uploadMode": "regular", "shouldIgnore": False, "oid": None}
        return {"files": [{"path": file["path"], **plain} for file in asked["files"]]}

    @router.post("/spaces/somebody/segue/commit/main")
    async def commit(request: Request) -> dict[str, str]:
        for line in (await request.body()).splitlines():
            of_one = json.loads(line)
            if of_one["key"] == "header":
                space.commits.append(of_one["value"]["summary"])
            elif of_one["key"] == "file":
                space.files[of_one["value"]["path"]] = base64.b64decode(of_one["value"]["content"])
            else:
                assert of_one["key"] == "deletedFile"
                del space.files[of_one["value"]["path"]]
        return {"commitUrl": f"{address}/spaces/somebody/segue/commit/{COMMIT}", "commitOid": COMMIT}

    app = FastAPI()
    app.include_router(router)
    return app
