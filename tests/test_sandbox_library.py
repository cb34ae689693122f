"""Libraries, covers, dead tracks, and what listeners do in Spotify's own apps."""

from __future__ import annotations

import hashlib
import random
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from sandbox_api import EVERY_SCOPE, Api, new_playlist, uris

from segue.sandbox.server import Sandbox

pytest_plugins = ("sandbox_fixture",)


def uri_of(playlist_id: str) -> str:
    """Return a playlist's URI."""
    return f"spotify:playlist:{playlist_id}"


def playlists(api: Api) -> list[str | None]:
    """Return the ids of the playlists that the caller sees."""
    return [each and each["id"] for each in api("GET", "/me/playlists").json()["items"]]


def contains(api: Api, *named: str) -> list[bool]:
    """Return which of these are in the caller's library."""
    found: list[bool] = api("GET", "/me/library/contains", params={"uris": ",".join(named)}).json()
    return found


# Libraries


def test_what_is_saved_is_contained_until_it_is_removed(api: Api, catalog: pd.DataFrame) -> None:
    """Several URIs at once; the answers are in the order of the question."""
    a, b, c = uris(catalog, 3)
    assert api("PUT", "/me/library", params={"uris": f"{a},{b}"}).status_code == 200
    assert contains(api, c, a, b) == [False, True, True]
    assert api("DELETE", "/me/library", params={"uris": f"{a},{c}"}).status_code == 200
    assert contains(api, a, b, c) == [False, True, False]


def test_saved_tracks_are_listed_the_latest_first(api: Api, sandbox: Sandbox, catalog: pd.DataFrame) -> None:
    """Saved through the API or in Spotify's app; a library is its owner's alone."""
    ids = list(catalog["track_id"][:3])
    api("PUT", "/me/library", params={"uris": f"spotify:track:{ids[0]}"})
    sandbox.service.save_track("juniper", ids[1])
    sandbox.service.save_track("marcus", ids[2])
    saved = api("GET", "/me/tracks").json()
    assert [entry["track"]["id"] for entry in saved["items"]] == [ids[1], ids[0]]
    assert saved["total"] == 2


@given(count=st.integers(1, 80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
def test_a_library_call_takes_forty_uris(api: Api, catalog: pd.DataFrame, count: int) -> None:
    """One more is 400, and none of them is saved."""
    named = {"uris": ",".join(uris(catalog, count))}
    api("DELETE", "/me/library", params={"uris": uris(catalog, 1)[0]})
    for method, path in (("PUT", "/me/library"), ("GET", "/me/library/contains"), ("DELETE", "/me/library")):
        assert api(method, path, params=named).status_code == (200 if count <= 40 else 400)
    assert contains(api, uris(catalog, 1)[0]) == [False]


@pytest.mark.parametrize(
    ("method", "path", "uri", "scope"),
    [
        ("PUT", "/me/library", "spotify:track:" + "0" * 22, "user-library-modify"),
        ("DELETE", "/me/library", "spotify:playlist:" + "0" * 22, "playlist-modify-private"),
        ("DELETE", "/me/library", "spotify:playlist:" + "0" * 22, "playlist-modify-public"),
        ("PUT", "/me/library", "spotify:user:juniper", "user-follow-modify"),
        ("GET", "/me/library/contains", "spotify:track:" + "0" * 22, "user-library-read"),
        ("GET", "/me/library/contains", "spotify:playlist:" + "0" * 22, "playlist-read-private"),
        ("GET", "/me/library/contains", "spotify:artist:" + "0" * 22, "user-follow-read"),
    ],
)
def test_library_scopes_depend_on_the_kind(sandbox: Sandbox, method: str, path: str, uri: str, scope: str) -> None:
    """One scope is enough for its kind of URI, and any other is 403."""
    assert Api(sandbox, scope=scope)(method, path, params={"uris": uri}).ok
    assert Api(sandbox, scope="user-top-read")(method, path, params={"uris": uri}).status_code == 403


# Playlists


def test_a_playlist_that_was_removed_still_answers(api: Api, sandbox: Sandbox, catalog: pd.DataFrame) -> None:
    """It leaves the library and the list; by its id it can be read and written, and followed again."""
    kept, removed, unfollowed = (new_playlist(api) for _ in range(3))
    api("DELETE", "/me/library", params={"uris": uri_of(removed)})
    sandbox.service.unfollow("juniper", unfollowed)
    assert playlists(api) == [kept]
    assert contains(api, *map(uri_of, (kept, removed, unfollowed))) == [True, False, False]
    for playlist_id in (removed, unfollowed):
        assert api("GET", f"/playlists/{playlist_id}").json()["id"] == playlist_id
        assert api("PUT", f"/playlists/{playlist_id}/items", json={"uris": uris(catalog, 2)}).ok
        assert sandbox.service.track_ids(playlist_id) == list(catalog["track_id"][:2])
    api("PUT", "/me/library", params={"uris": uri_of(removed)})
    assert playlists(api) == [removed, kept]
    assert set(sandbox.service.playlists_of("juniper")) == {kept, removed, unfollowed}


def test_somebody_elses_playlist_can_be_followed(api: Api, sandbox: Sandbox) -> None:
    """It is listed under its owner."""
    playlist_id = new_playlist(api)
    marcus = Api(sandbox, "marcus")
    marcus("PUT", "/me/library", params={"uris": uri_of(playlist_id)})
    (listed,) = marcus("GET", "/me/playlists").json()["items"]
    assert (listed["id"], listed["owner"]["id"]) == (playlist_id, "juniper")


def test_names_are_not_unique(api: Api, sandbox: Sandbox) -> None:
    """Two playlists may have one name from the beginning, or get it later."""
    first, second, third = new_playlist(api), new_playlist(api), new_playlist(api, name="Other")
    sandbox.service.rename(third, "Mine")
    assert [each["name"] for each in api("GET", "/me/playlists").json()["items"]] == ["Mine"] * 3
    assert playlists(api) == [third, second, first]


def test_a_playlist_that_does_not_exist_is_null_in_the_list(api: Api, sandbox: Sandbox) -> None:
    """The list keeps its place and counts it."""
    first, gone, last = (new_playlist(api) for _ in range(3))
    with sandbox.service.state.changing() as memory:
        del memory.playlists[gone]
    assert playlists(api) == [last, None, first]
    assert api("GET", "/me/playlists").json()["total"] == 3
    assert api("GET", f"/playlists/{gone}").status_code == 404


def test_every_change_of_items_is_another_snapshot(api: Api, sandbox: Sandbox, catalog: pd.DataFrame) -> None:
    """Whoever changed them; the answer to a write names it, and reading does not change it."""
    playlist_id = new_playlist(api)
    path = f"/playlists/{playlist_id}"

    def snapshot() -> str:
        return str(api("GET", path).json()["snapshot_id"])

    seen = [snapshot()]
    for method in ("PUT", "POST", "PUT"):
        seen.append(api(method, f"{path}/items", json={"uris": uris(catalog, 3)}).json()["snapshot_id"])
        assert snapshot() == seen[-1]
    sandbox.service.remove_track(playlist_id, catalog["track_id"].iloc[1])
    seen.append(snapshot())
    assert len(set(seen)) == 5
    assert sandbox.service.track_ids(playlist_id) == [catalog["track_id"].iloc[n] for n in (0, 2)]


def test_writes_at_once_are_all_there(api: Api, sandbox: Sandbox, catalog: pd.DataFrame) -> None:
    """Forty appends by eight callers, while others read: nothing is lost, nothing is there twice."""
    path = f"/playlists/{new_playlist(api)}/items"
    wanted = uris(catalog, 40)

    def append(uri: str) -> int:
        assert api("GET", "/me/playlists").ok
        return api("POST", path, json={"uris": [uri]}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(append, wanted)) == {201}
    (playlist_id,) = sandbox.service.playlists_of("juniper")
    assert sorted(sandbox.service.track_ids(playlist_id)) == sorted(catalog["track_id"][:40])


# Dead tracks


def test_a_dead_track_fails_every_write_that_names_it(api: Api, sandbox: Sandbox, catalog: pd.DataFrame) -> None:
    """The whole write is 502 and nothing changes; where it is already, its item is null; it cannot be found."""
    track = catalog.iloc[1]
    path = f"/playlists/{new_playlist(api)}/items"
    api("PUT", path, json={"uris": uris(catalog, 3)})
    sandbox.service.save_track("juniper", track["track_id"])
    sandbox.service.end_track(track["track_id"])
    assert [entry["item"] is None for entry in api("GET", path).json()["items"]] == [False, True, False]
    for method in ("PUT", "POST"):
        assert api(method, path, json={"uris": uris(catalog, 2)}).status_code == 502
    assert api("GET", path).json()["total"] == 3
    assert api("PUT", path, json={"uris": uris(catalog, 1)}).ok
    assert api("GET", f"/tracks/{track['track_id']}").status_code == 404
    assert api("GET", "/me/tracks").json()["items"] == []
    query = {"q": f"{track['title']} {track['artists']}", "type": "track"}
    assert track["track_id"] not in [
        each["id"] for each in api("GET", "/search", params=query).json()["tracks"]["items"]
    ]


# Covers


def picture(size: int, kind: str = "JPEG") -> bytes:
    """Return a picture of noise, which hardly compresses."""
    noise = random.Random(size).randbytes(size * size * 3)
    made = BytesIO()
    Image.frombytes("RGB", (size, size), noise).save(made, kind)
    return made.getvalue()


def test_a_cover_is_uploaded(api: Api) -> None:
    """202 without a body; the playlist shows it from then on."""
    path = f"/playlists/{new_playlist(api)}"
    cover = picture(64)
    answer = api("PUT", f"{path}/images", data=b64encode(cover))
    assert (answer.status_code, answer.content) == (202, b"")
    (shown,) = api("GET", path).json()["images"]
    assert shown["url"].endswith(hashlib.sha256(cover).hexdigest())


def test_covers_have_limits(api: Api, sandbox: Sandbox) -> None:
    """A JPEG in base64 of at most 256 KB, on a playlist of one's own, with both permissions; else there is none."""
    path = f"/playlists/{new_playlist(api)}"
    too_large = b64encode(picture(800))
    assert len(too_large) > 256 * 1024
    assert api("PUT", f"{path}/images", data=too_large).status_code == 413
    for wrong in (picture(8), b64encode(picture(8, "PNG")), b64encode(b"no picture"), b""):
        assert api("PUT", f"{path}/images", data=wrong).status_code == 400
    good = b64encode(picture(8))
    for missing in ("ugc-image-upload", "playlist-modify-"):
        others = " ".join(scope for scope in EVERY_SCOPE.split() if not scope.startswith(missing))
        assert Api(sandbox, scope=others)("PUT", f"{path}/images", data=good).status_code == 403
    assert Api(sandbox, "marcus")("PUT", f"{path}/images", data=good).status_code == 403
    assert api("GET", path).json()["images"] == []


# The log


def test_calls_are_counted_for_each_listener(connected: Sandbox, catalog: pd.DataFrame) -> None:
    """Web API calls only, refused ones too; operations are named as Spotify describes them."""
    service = connected.service
    service.requests.clear()
    juniper, marcus = Api(connected), Api(connected, "marcus", "")
    playlist_id = new_playlist(juniper)
    juniper("PUT", f"/playlists/{playlist_id}/items", json={"uris": uris(catalog, 1)})
    marcus("GET", "/me/playlists")
    marcus("GET", "/audio-features/1")
    juniper("GET", "/me/")
    assert service.calls_of("juniper") == [
        "POST /v1/me/playlists",
        f"PUT /v1/playlists/{playlist_id}/items",
        "GET /v1/me",
    ]
    assert service.calls_of("marcus") == ["GET /v1/me/playlists", "GET /v1/audio-features/1"]
    assert service.calls_of("theo") == []
    assert service.operations() == {
        "POST /me/playlists",
        "PUT /playlists/{playlist_id}/items",
        "GET /me/playlists",
        "GET /audio-features/1",
        "GET /me",
    }
