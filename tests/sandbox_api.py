"""The sandbox's Web API as plain HTTP, for tests of the sandbox itself."""

from __future__ import annotations

from typing import Any

import pandas as pd
import requests

from segue.sandbox.server import Sandbox
from segue.spotify.accounts import SCOPES

EVERY_SCOPE = " ".join(
    (*SCOPES, "playlist-modify-public", "user-library-read", "user-library-modify", "ugc-image-upload")
)


class Api:
    """Plain HTTP to the sandbox's Web API, as one person."""

    def __init__(self, sandbox: Sandbox, user_id: str = "juniper", scope: str = EVERY_SCOPE) -> None:
        self.base = f"http://127.0.0.1:{sandbox.port}/v1"
        self.headers = {"Authorization": f"Bearer {sandbox.service.grant_access(user_id, scope)}"}

    def __call__(self, method: str, path: str, **more: Any) -> requests.Response:
        """Make a call; an absolute address is taken as it is."""
        url = path if path.startswith("http") else self.base + path
        headers = {**self.headers, **more.pop("headers", {})}
        return requests.request(method, url, headers=headers, timeout=20, **more)

    def ids(self, path: str, **query: Any) -> list[str]:
        """Return the track ids of a list."""
        return [item["id"] for item in self("GET", path, params=query).json()["items"]]


def new_playlist(api: Api, **details: Any) -> str:
    """Create a playlist and return its id."""
    return str(api("POST", "/me/playlists", json={"name": "Mine", "public": False, **details}).json()["id"])


def uris(catalog: pd.DataFrame, count: int) -> list[str]:
    """Return the URIs of the first tracks of the catalog."""
    return [f"spotify:track:{track_id}" for track_id in catalog["track_id"][:count]]
