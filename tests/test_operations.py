"""No call that Spotify has removed or wants to remove is ever made."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from io import BytesIO

import pandas as pd
import pytest
import yaml
from PIL import Image
from sandbox_api import EVERY_SCOPE

from segue.sandbox.server import Sandbox
from segue.spotify.client import SpotifyClient

pytest_plugins = ("sandbox_fixture",)

CALLS: dict[str, Callable[[SpotifyClient, str, list[str]], object]] = {
    "me": lambda client, *_: client.me(),
    "top_tracks": lambda client, *_: client.top_tracks("long_term"),
    "recently_played": lambda client, *_: client.recently_played(),
    "saved_tracks": lambda client, *_: client.saved_tracks(),
    "my_playlists": lambda client, *_: client.my_playlists(pages=2),
    "find_playlist": lambda client, *_: client.find_playlist("nowhere"),
    "library_contains": lambda client, playlist, _: client.library_contains([f"spotify:playlist:{playlist}"]),
    "save_to_library": lambda client, playlist, _: client.save_to_library([f"spotify:playlist:{playlist}"]),
    "create_playlist": lambda client, *_: client.create_playlist("Segue", ""),
    "describe_playlist": lambda client, playlist, _: client.describe_playlist(playlist, "Segue", "again"),
    "replace_tracks": lambda client, playlist, tracks: client.replace_tracks(playlist, tracks[:101]),
    "playlist_entries": lambda client, playlist, _: client.playlist_entries(playlist, pages=2),
    "set_cover": lambda client, playlist, _: client.set_cover(playlist, jpeg()),
}


def jpeg() -> bytes:
    """Return a small picture."""
    file = BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture(scope="module")
def operations(openapi_text: str) -> dict[str, bool]:
    """Return each operation of Spotify's OpenAPI description, such as ``GET /me``, and whether it is deprecated."""
    paths = yaml.load(openapi_text, Loader=yaml.CSafeLoader)["paths"]
    return {
        f"{method.upper()} {path}": bool(operation.get("deprecated"))
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method in {"get", "put", "post", "delete"}
    }


def test_every_method_is_looked_at() -> None:
    """A method that the client gains must be added here."""
    methods = inspect.getmembers(SpotifyClient, inspect.isfunction)
    assert CALLS.keys() == {name for name, _ in methods if not name.startswith("_")}


def test_every_call_is_one_of_today(connected: Sandbox, catalog: pd.DataFrame, operations: dict[str, bool]) -> None:
    """Each call of each method is in the OpenAPI description, and not deprecated."""
    client = SpotifyClient(connected.service.grant_access("juniper", EVERY_SCOPE), connected.settings)
    playlist_id = client.create_playlist("Segue", "")
    connected.service.requests.clear()
    for call in CALLS.values():
        call(client, playlist_id, catalog["track_id"].to_list())
    made = connected.service.operations()
    assert {"POST /playlists/{playlist_id}/items", "PUT /playlists/{playlist_id}/images"} <= made
    assert made - operations.keys() == set()
    assert {operation for operation in made if operations[operation]} == set()
