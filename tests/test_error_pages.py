"""What is answered where a request fails: a page to people, problem details to programs that use the API."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi import FastAPI, Request
from serving import serving

from app.context import Context
from app.layout.error_pages import ErrorPages
from app.security import protect
from segue.errors import StoreError
from segue.settings import load_settings

if TYPE_CHECKING:
    from visiting import Visitor

pytest_plugins = ("app_fixture",)

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
HIDDEN = "the password is hunter2"


def is_a_page(answer: httpx.Response, heading: str, said: str) -> bool:
    """Return whether it is a page in the app's frame that says so, and that runs no script."""
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "frame-ancestors" in answer.headers["content-security-policy"]
    assert '<header class="masthead">' in answer.text
    assert f"<h1>{heading}</h1>" in answer.text
    return said in answer.text


@pytest.mark.parametrize("path", ["/no/such/page", "/nowhere", "/playlists/x", "/look/no.css", "/auth/%3Cb%3E"])
def test_an_unknown_address_is_a_page(visitor: Visitor, path: str) -> None:
    """From which there is a way back; what the address holds is not repeated."""
    answer = visitor.client.get(path, headers=BROWSER)
    assert answer.status_code == 404
    assert is_a_page(answer, "Nothing is here", '<a href="/" rel="noopener noreferrer">Find music</a>')
    assert "<b>" not in answer.text


def test_what_a_route_refuses_is_a_page_with_its_reason(visitor: Visitor) -> None:
    """And with the same status."""
    answer = visitor.client.get("/export/segue.doc", headers=BROWSER)
    assert (answer.status_code, is_a_page(answer, "Nothing is here", "choose csv, m3u8, jspf")) == (404, True)
    answer = visitor.client.get("/export/segue.csv?songs=x", headers=BROWSER)
    assert (answer.status_code, is_a_page(answer, "This did not work", "track ids")) == (400, True)


def test_what_is_refused_before_any_route_is_a_page(visitor: Visitor) -> None:
    """Such as what another website sends."""
    answer = visitor.client.post("/auth/logout", headers={**BROWSER, "Origin": "https://evil.example"})
    assert (answer.status_code, is_a_page(answer, "This did not work", "Only the app&#x27;s own pages")) == (403, True)


@pytest.mark.parametrize("headers", [BROWSER, {}])
@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/api/nowhere", "/api/v2/search"])
def test_the_api_answers_with_problem_details(visitor: Visitor, path: str, headers: dict[str, str]) -> None:
    """Whoever asks."""
    answer = visitor.client.get(path, headers=headers)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code == 404


def test_programs_are_answered_as_before(visitor: Visitor) -> None:
    """Gradio's own page asks so, too."""
    answer = visitor.client.get("/nowhere")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})
    assert visitor.client.get("/gradio_api/nowhere", headers={"Accept": "*/*"}).json() == {"detail": "Not Found"}


@pytest.fixture
def failing() -> Iterator[httpx.Client]:
    """Return a browser at an app whose routes fail."""

    def make(_: str) -> FastAPI:
        app = FastAPI()
        context = Context.of(load_settings())
        protect(app, context.settings, partial(ErrorPages, context=context))

        @app.get("/{reason:path}")
        def fail(_: Request, reason: str) -> None:
            raise StoreError("the store is gone") if reason == "store" else RuntimeError(HIDDEN)

        return app

    with serving(make) as address, httpx.Client(base_url=address, headers=BROWSER) as client:
        yield client


def test_a_failure_of_ours_is_a_page_that_gives_nothing_away(
    failing: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    """The operator finds it in the log."""
    answer = failing.get("/x?songs=secret")
    assert (answer.status_code, is_a_page(answer, "Something went wrong", "has been logged")) == (500, True)
    assert HIDDEN not in answer.text
    assert "GET /x failed" in caplog.messages
    assert "secret" not in caplog.text


def test_who_asks_too_often_reads_when_to_come_back(failing: httpx.Client) -> None:
    """On a page, and in the header."""
    answers = [failing.get("/auth/x") for _ in range(61)]
    refused = answers[-1]
    assert (refused.status_code, is_a_page(refused, "This did not work", "try again in")) == (429, True)
    assert int(refused.headers["retry-after"]) > 0


def test_what_is_expected_to_fail_says_why(failing: httpx.Client) -> None:
    """As the commands do."""
    answer = failing.get("/store")
    assert (answer.status_code, is_a_page(answer, "This did not work", "The store is gone.")) == (503, True)


def test_where_nobody_can_be_known_it_is_said_in_plain_text(
    failing: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The frame depends on who asks: when the store is gone, there is none."""

    def gone(*_: object) -> None:
        raise StoreError("the store is gone")

    monkeypatch.setattr(Context, "listener_of", gone)
    answer = failing.get("/store")
    assert (answer.status_code, answer.text) == (503, "The store is gone.\n")
