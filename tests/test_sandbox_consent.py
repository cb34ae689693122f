"""The consent page and the exchange of codes, as an app meets them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.common.security import generate_token
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from segue.sandbox.address import CLIENT_ID, CLIENT_SECRET
from segue.sandbox.people import PEOPLE
from segue.sandbox.server import Sandbox

pytest_plugins = ("sandbox_fixture",)

BACK = "http://127.0.0.1:1/back"
RIGHT = {"client_id": CLIENT_ID, "response_type": "code", "redirect_uri": BACK, "state": "s&t"}


def page(sandbox: Sandbox, **query: str) -> requests.Response:
    """Open the consent page and stay there."""
    url = f"http://127.0.0.1:{sandbox.port}/authorize"
    return requests.get(url, params={**RIGHT, **query}, allow_redirects=False, timeout=20)


def brought(answer: requests.Response) -> dict[str, str]:
    """Return what a redirect brings back to the app."""
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"{BACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def exchange(sandbox: Sandbox, code: str, **more: str) -> requests.Response:
    """Exchange a code for tokens."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, **more}
    url = f"http://127.0.0.1:{sandbox.port}/api/token"
    return requests.post(url, data=form, auth=(CLIENT_ID, CLIENT_SECRET), timeout=20)


def test_consent_asks_who_it_is(sandbox: Sandbox) -> None:
    """Without a named listener the page offers everybody, and a way to say no."""
    shown = page(sandbox)
    text = shown.text
    assert "stands in for Spotify" in text
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert all(person.name in text and person.description in text for person in PEOPLE)
    assert "deny=True" in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "other"},
        {"redirect_uri": "http://localhost:1/back"},
        {"redirect_uri": "http://example.com/back"},
        {"response_type": "token"},
        {"code_challenge": "x", "code_challenge_method": "plain"},
    ],
)
def test_consent_is_strict(sandbox: Sandbox, wrong: dict[str, str]) -> None:
    """An unknown app, an unsafe redirect, the implicit grant and a plain challenge are refused on the page itself."""
    assert page(sandbox, listener="juniper", **wrong).status_code == 400


def test_denied_consent_comes_back_with_the_state(sandbox: Sandbox) -> None:
    """The redirect brings an error and the state, and no code."""
    assert brought(page(sandbox, deny="true")) == {"error": "access_denied", "state": "s&t"}


def test_given_consent_comes_back_with_a_code(sandbox: Sandbox) -> None:
    """The redirect brings a code and the state; the code works once, for that redirect URI."""
    first, second = (brought(page(sandbox, listener="juniper")) for _ in range(2))
    assert first.keys() == {"code", "state"}
    assert exchange(sandbox, first["code"]).ok
    assert exchange(sandbox, first["code"]).json()["error"] == "invalid_grant"
    assert exchange(sandbox, second["code"], redirect_uri=f"{BACK}/").json()["error"] == "invalid_grant"


def test_a_code_with_a_challenge_needs_its_verifier(sandbox: Sandbox) -> None:
    """PKCE: no verifier and another's are refused, the right one brings the tokens."""
    verifier = generate_token(48)
    challenge = {"code_challenge": create_s256_code_challenge(verifier), "code_challenge_method": "S256"}

    def code() -> str:
        return brought(page(sandbox, listener="juniper", **challenge))["code"]

    assert exchange(sandbox, code()).json()["error"] == "invalid_grant"
    assert exchange(sandbox, code(), code_verifier=generate_token(48)).json()["error"] == "invalid_grant"
    assert exchange(sandbox, code(), code_verifier=verifier).json()["refresh_token"]
