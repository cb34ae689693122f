"""Every answer of the sandbox is valid for its operation in Spotify's own OpenAPI description."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
import pytest
import requests
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
from PIL import Image
from sandbox_api import Api, uris

from segue.sandbox.doorkeeper import WEB_APIS
from segue.sandbox.faults import NotPremium, QuotaExceeded, RateLimited
from segue.sandbox.rules import Rule
from segue.sandbox.server import Sandbox

pytest_plugins = ("sandbox_fixture",)

Check = Callable[[requests.Response], None]


@pytest.fixture(scope="module")
def description(openapi_text: str) -> dict[str, Any]:
    """Return Spotify's OpenAPI description, where there is one."""
    # Its discriminators name no schema that exists; without them all alternatives are tried.
    text = openapi_text.replace("discriminator:", "x-discriminator:")
    found: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return found


@pytest.fixture
def check(api: Api, description: dict[str, Any]) -> Check:
    """Return what raises for an answer that its operation does not describe."""
    spec = OpenAPI.from_dict({**description, "servers": [{"url": api.base}]}, config=Config(spec_validator_cls=None))

    def check(answer: requests.Response) -> None:
        spec.validate_response(RequestsOpenAPIRequest(answer.request), RequestsOpenAPIResponse(answer))

    return check


def jpeg() -> bytes:
    """Return a small picture."""
    picture = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(picture, "JPEG")
    return picture.getvalue()


def every_call(api: Api, catalog: pd.DataFrame) -> Iterator[requests.Response]:
    """Make every call that the sandbox answers."""
    yield api("GET", "/me")
    for time_range in ("short_term", "medium_term", "long_term"):
        yield api("GET", "/me/top/tracks", params={"time_range": time_range, "limit": 50})
    yield api("GET", "/me/top/artists")
    yield api("GET", "/me/player/recently-played", params={"limit": 50})
    yield api("GET", "/me/player/recently-played", params={"before": 1})
    created = api("POST", "/me/playlists", json={"name": "Mine", "description": "Songs", "public": False})
    yield created
    path = f"/playlists/{created.json()['id']}"
    yield api("PUT", f"{path}/items", json={"uris": uris(catalog, 100)})
    yield api("POST", f"{path}/items", json={"uris": uris(catalog, 10)})
    yield api("PUT", path, json={"name": "Ours", "description": "More songs"})
    yield api("PUT", f"{path}/images", data=b64encode(jpeg()), headers={"Content-Type": "image/jpeg"})
    yield api("GET", path)
    yield api("GET", f"{path}/items", params={"limit": 50, "offset": 50, "additional_types": "track"})
    yield api("GET", "/me/playlists")
    yield api("GET", f"/tracks/{catalog['track_id'].iloc[0]}")
    yield api("GET", "/search", params={"q": "tune", "type": "track"})
    library = {"uris": ",".join([*uris(catalog, 3), created.json()["uri"]])}
    yield api("PUT", "/me/library", params=library)
    yield api("GET", "/me/library/contains", params=library)
    yield api("GET", "/me/tracks")
    yield api("DELETE", "/me/library", params=library)


def again(answer: requests.Response, authorization: str) -> requests.Response:
    """Make the same request in another name."""
    request = answer.request.copy()
    request.headers["Authorization"] = authorization
    with requests.Session() as session:
        return session.send(request, timeout=20)


def test_answers_fit_the_description(api: Api, catalog: pd.DataFrame, check: Check) -> None:
    """Whatever is answered to a right call is what the operation describes."""
    for answer in every_call(api, catalog):
        assert answer.ok, answer.text
        check(answer)


def test_every_route_is_checked_and_is_in_the_description(
    api: Api, sandbox: Sandbox, catalog: pd.DataFrame, description: dict[str, Any]
) -> None:
    """`every_call` leaves no route out, and none is deprecated."""
    list(every_call(api, catalog))
    routes = (route for web_api in WEB_APIS for route in web_api.router.routes)
    offered = {f"{method} {route.path}" for route in routes for method in route.methods}
    assert sandbox.service.operations() == offered
    operations = [operation.partition(" ") for operation in offered]
    found = [description["paths"][path][method.lower()] for method, _, path in operations]
    assert not [operation["operationId"] for operation in found if operation.get("deprecated")]


@pytest.mark.parametrize("rule", [NotPremium(), RateLimited(), QuotaExceeded()])
def test_faults_fit_the_description(
    api: Api, sandbox: Sandbox, catalog: pd.DataFrame, check: Check, rule: Rule
) -> None:
    """403 and 429 are what every operation describes; the plain 403 and 5xx are in no description."""
    answers = list(every_call(api, catalog))
    sandbox.service.faults.add(rule)
    for answer in answers:
        refused = again(answer, api.headers["Authorization"])
        assert refused.status_code in {403, 429}
        check(refused)


def test_refusals_fit_the_description(api: Api, sandbox: Sandbox, catalog: pd.DataFrame, check: Check) -> None:
    """A wrong token is 401 for every operation; a token without scopes is enough for some, and 403 for the others."""
    bare = Api(sandbox, scope="").headers["Authorization"]
    free = set()
    for answer in every_call(api, catalog):
        unknown = again(answer, "Bearer unknown")
        assert unknown.status_code == 401
        check(unknown)
        unscoped = again(answer, bare)
        check(unscoped)
        if unscoped.status_code != 403:
            assert unscoped.ok
            path = urlsplit(str(answer.request.url)).path
            free.add(f"{answer.request.method} {re.sub('/[0-9A-Za-z]{22}', '/*', path)}")
    assert free == {"GET /v1/me", "GET /v1/playlists/*", "GET /v1/tracks/*", "GET /v1/search"}


@pytest.mark.parametrize("query", [{}, {"uris": ""}, {"uris": "spotify:tune:1"}, {"uris": ",".join(["x"] * 41)}])
@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/me/library"), ("DELETE", "/me/library"), ("GET", "/me/library/contains")]
)
def test_wrong_library_calls_fit_the_description(
    api: Api, check: Check, method: str, path: str, query: dict[str, str]
) -> None:
    """Of all calls, only these describe what they answer to a wrong request."""
    answer = api(method, path, params=query)
    assert answer.status_code == 400
    check(answer)


def test_every_removed_call_is_forbidden(api: Api, description: dict[str, Any]) -> None:
    """All operations that the description marks as deprecated answer 403."""
    removed = [
        (method.upper(), path)
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
        if operation.get("deprecated")
    ]
    assert len(removed) > 30
    filled = [(method, path.replace("{", "").replace("}", "")) for method, path in removed]
    assert [call for call in filled if api(*call).status_code != 403] == []
