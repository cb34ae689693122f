"""What stands between the network and the pages, met over HTTP."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from serving import serving

from app.security import protect
from app.security.bodies import OTHER_BYTES, UPLOAD_BYTES
from app.security.rates import DRAWERS, RATES, Counting
from segue.settings import Settings

EVIL = {"Origin": "https://evil.example"}


@dataclass(frozen=True)
class Served:
    """The whole app in a process of its own: its address, and the folder that it has for temporary files."""

    address: str
    temporary: Path
    process: subprocess.Popen[str]

    @property
    def own(self) -> dict[str, str]:
        """What a browser says on the app's own pages."""
        return {"Origin": self.address, "Cookie": "some=cookie"}

    def uploads(self) -> list[Path]:
        """Return the folders of uploads that there are."""
        return list(self.temporary.glob("segue-uploads-*"))


def serve(folder: Path) -> Iterator[Served]:
    """Serve the app over an empty store until the test is done with it."""
    surroundings = {**os.environ, "SEGUE_VAR": str(folder / "var"), "TMPDIR": str(folder), "SEGUE_LIMIT_RATES": "false"}
    command = [sys.executable, "-m", "app", "--port", "0"]
    # Into a file: a pipe that nobody reads would fill with what is logged of refused events, and stop the app.
    log = folder / "said"
    with log.open("w") as said, subprocess.Popen(command, env=surroundings, stderr=said, text=True) as process:
        while not log.read_text().endswith("\n"):
            assert process.poll() is None
            time.sleep(0.05)
        address = log.read_text().split()[3]
        with httpx.Client(transport=httpx.HTTPTransport(retries=10)) as client:
            # The socket listens a moment after the address is printed: connecting is tried again until it does.
            client.get(f"{address}/privacy", timeout=60)
        yield Served(address, folder, process)
        process.kill()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve the app for all tests of this module."""
    yield from serve(tmp_path_factory.mktemp("served"))


@pytest.fixture
def visitor(served: Served) -> Iterator[httpx.Client]:
    """Return somebody at the app, as their program, without a cookie."""
    with httpx.Client(base_url=served.address, timeout=30) as client:
        yield client


def small_app(**settings: object) -> FastAPI:
    """Return an app that is protected like the whole one, and says who asks and how much they sent."""
    app = FastAPI()
    protect(app, Settings(**settings))  # type: ignore[arg-type]

    @app.api_route("/{path:path}", methods=["GET", "POST", "PUT", "DELETE"])
    async def echo(request: Request) -> dict[str, object]:
        host = None if request.client is None else request.client.host
        return {"bytes": len(await request.body()), "host": host, "scheme": request.url.scheme}

    return app


@pytest.mark.parametrize("path", ["/", "/status", "/config", "/look/segue.css", "/no/such/page", "/auth/login"])
def test_every_answer_tells_browsers_what_not_to_do(visitor: httpx.Client, path: str) -> None:
    """Errors and files included."""
    headers = visitor.get(path).headers
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "https:" not in policy
    assert "connect-src 'self'" in policy or "default-src 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "strict-origin"
    assert "server" not in headers


def test_plain_pages_run_no_scripts(visitor: httpx.Client) -> None:
    """Whatever got into a name or a message."""
    for path in ("/account", "/privacy", "/terms", "/status"):
        policy = visitor.get(path).headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "script-src" not in policy


def test_a_space_may_be_framed_by_its_page_alone() -> None:
    """Nothing else may be, so that nobody is made to click on what they do not see."""
    with serving(lambda _: small_app(SPACE_ID="me/segue", SPACE_HOST="me-segue.hf.space")) as address:
        policy = httpx.get(address).headers["content-security-policy"]
    assert policy.endswith("frame-ancestors 'self' https://huggingface.co")


@pytest.mark.parametrize("path", ["/gradio_api/queue/join", "/gradio_api/run/x", "/gradio_api/upload", "/auth/logout"])
def test_other_websites_change_nothing(visitor: httpx.Client, served: Served, path: str) -> None:
    """Neither with the visitor's cookies nor without; nor does a page without an origin, nor a program with cookies."""
    for headers in (EVIL, {**EVIL, "Cookie": "a=b"}, {"Origin": "null"}, {"Origin": ""}, {"Cookie": "a=b"}):
        assert visitor.post(path, headers=headers).status_code == 403
    assert visitor.post(path, headers=served.own).status_code != 403


def test_programs_may_call_without_an_origin() -> None:
    """The HTTP API with their session, all else in nobody's name."""
    with serving(lambda _: small_app()) as address:
        assert httpx.post(f"{address}/api/v1/recommendations", headers={"Cookie": "a=b"}).status_code == 200
        assert httpx.post(f"{address}/gradio_api/run/x").status_code == 200
        assert httpx.post(f"{address}/api/v1/recommendations", headers=EVIL).status_code == 403
        assert httpx.get(f"{address}/anything", headers=EVIL).status_code == 200


def test_the_address_that_visitors_know_is_the_app_s_own() -> None:
    """Behind a proxy it differs from the one that the app is asked for by."""
    settings = {"SPOTIFY_REDIRECT_URI": "https://segue.example/auth/callback", "SPACE_HOST": "me-segue.hf.space"}
    with serving(lambda _: small_app(**settings)) as address:
        for origin in ("https://segue.example", "https://me-segue.hf.space", address):
            assert httpx.post(f"{address}/x", headers={"Origin": origin}).status_code == 200
        assert httpx.post(f"{address}/x", headers={"Origin": "https://segue.example.evil"}).status_code == 403


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize(
    ("path", "limit"), [("/api/v1/x", OTHER_BYTES), ("/auth/logout", OTHER_BYTES), ("/gradio_api/upload", UPLOAD_BYTES)]
)
def test_bodies_end_at_their_limit(path: str, limit: int, streamed: bool) -> None:
    """Also when nobody said how long they would be."""

    def body(length: int) -> bytes | Iterator[bytes]:
        pieces = (b"x" * min(65_536, length - start) for start in range(0, length, 65_536))
        return pieces if streamed else b"x" * length

    with serving(lambda _: small_app()) as address:
        assert httpx.post(address + path, content=body(limit)).json()["bytes"] == limit
        answer = httpx.post(address + path, content=body(limit + 1))
    assert answer.status_code == 413
    assert f"more than {limit // 1_000_000} MB" in answer.text


def test_a_body_that_never_ends_is_cut_off() -> None:
    """The app reads no more of it than the limit and what was on its way."""
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 65_536
            yield b"x" * 65_536

    # Whether the answer is still read is a matter of who is faster.
    with serving(lambda _: small_app()) as address, suppress(httpx.TransportError):
        httpx.post(f"{address}/x", content=endless(), timeout=30)
    assert sent < 20 * OTHER_BYTES


def test_gradio_s_uploads_are_bounded(visitor: httpx.Client, served: Served) -> None:
    """As are its events; what is refused leaves no file."""
    before = sum(1 for path in served.uploads()[0].rglob("*") if path.is_file())
    large = {"files": ("history.json", b" " * (UPLOAD_BYTES + 1))}
    assert visitor.post("/gradio_api/upload", files=large, headers=served.own).status_code == 413
    event = visitor.post("/gradio_api/run/predict", json={"data": ["x" * OTHER_BYTES]}, headers=served.own)
    assert (event.status_code, "too large" in event.json()["detail"]) == (413, True)
    assert sum(1 for path in served.uploads()[0].rglob("*") if path.is_file()) == before


def test_half_an_upload_leaves_nothing(visitor: httpx.Client, served: Served) -> None:
    """Neither one that does not end as it should, nor one whose sender has left."""
    part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\n' + b"a" * 100_000
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    before = set(served.uploads()[0].rglob("*"))
    visitor.post("/gradio_api/upload", content=part, headers={**served.own, **kind})
    host, _, port = served.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as leaving:
        head = f"POST /gradio_api/upload HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 900000\r\n"
        leaving.sendall(f"{head}Content-Type: {kind['Content-Type']}\r\n\r\n".encode() + part)
    visitor.post("/gradio_api/upload", files={"files": ("a.csv", b"whole")}, headers=served.own).raise_for_status()
    (whole,) = [path for path in set(served.uploads()[0].rglob("*")) - before if path.is_file()]
    assert whole.read_bytes() == b"whole"


@pytest.mark.parametrize("where", ["http://127.0.0.1:9/x", "https://example.org/x", "HTTP://example.org", "ftp://x/y"])
@pytest.mark.parametrize("how", ["file=", "file/", "proxy="])
def test_nothing_is_fetched_from_elsewhere(visitor: httpx.Client, where: str, how: str) -> None:
    """Written as it is, or encoded."""
    for address in (where, where.replace(":", "%3A"), where.replace("h", "%68", 1)):
        answer = visitor.get(f"/gradio_api/{how}{address}")
        assert answer.status_code == 403
        assert "not one of the app's files" in answer.text


def test_uploads_have_a_folder_that_nobody_else_opens(visitor: httpx.Client, served: Served) -> None:
    """Its name cannot be guessed."""
    answer = visitor.post("/gradio_api/upload", files={"files": ("songs.csv", b"a,b")}, headers=served.own)
    (folder,) = served.uploads()
    assert Path(answer.json()[0]).is_relative_to(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_uploads_are_gone_with_the_app(tmp_path: Path, number: signal.Signals) -> None:
    """However it is told to end; no warning of Gradio's is said."""
    for served in serve(tmp_path):
        files = {"files": ("songs.csv", b"a,b")}
        httpx.post(f"{served.address}/gradio_api/upload", files=files, headers=served.own, timeout=30)
        assert len(served.uploads()) == 1
        served.process.send_signal(number)
        served.process.wait(timeout=60)
        assert served.uploads() == []
        assert "Warning" not in (tmp_path / "said").read_text()


def events(visitor: httpx.Client) -> list[dict[str, Any]]:
    """Return every event of the pages that the server answers."""
    found = [
        visitor.get("/config", params={"page": page}).json()["dependencies"] for page in ("", "playlists", "songs")
    ]
    by_id = {event["id"]: event for of_page in found for event in of_page if event["backend_fn"]}
    return list(by_id.values())


def fill(visitor: httpx.Client, event: dict[str, Any], value: Any) -> httpx.Response:
    """Send an event in which every field holds `value`."""
    asked = {"data": [value] * len(event["inputs"]), "fn_index": event["id"], "session_hash": "tab"}
    return visitor.post("/gradio_api/run/predict", json=asked)


def test_no_event_reads_a_file_that_was_not_uploaded(visitor: httpx.Client, served: Served, tmp_path: Path) -> None:
    """Whatever field names it: nothing of it is answered, and it is copied nowhere."""
    private = tmp_path / "private.txt"
    private.write_text("nobody else may read this line", encoding="utf-8")
    file = {"path": str(private), "meta": {"_type": "gradio.FileData"}}
    asked = events(visitor)
    assert len(asked) > 15
    for event in asked:
        for value in (file, [file]):
            assert "nobody else may" not in fill(visitor, event, value).text
    assert [path for path in served.uploads()[0].rglob("private*") if path.is_file()] == []


def test_no_event_fetches_a_file_for_a_visitor(visitor: httpx.Client) -> None:
    """It is said that one's own is wanted."""
    file = {"path": "https://example.org/songs.csv", "meta": {"_type": "gradio.FileData"}}
    (upload,) = [event for event in events(visitor) if event["api_name"] == "bring"]
    assert fill(visitor, upload, [file]).json()["error"] == "Choose a file of your own."


def test_an_upload_is_read_and_deleted(visitor: httpx.Client, served: Served) -> None:
    """By the event that it is for; without a catalog that says what to run."""
    sent = visitor.post(
        "/gradio_api/upload", files={"files": ("songs.txt", b"Holocene - Bon Iver")}, headers=served.own
    )
    (path,) = sent.json()
    files = [{"path": path, "meta": {"_type": "gradio.FileData"}}]
    answer = visitor.post("/gradio_api/run/bring", json={"data": [files], "session_hash": "tab"})
    assert "no catalog yet" in answer.text
    assert not Path(path).exists()


def test_a_number_out_of_range_is_no_failure(visitor: httpx.Client) -> None:
    """The page says what is wrong beside the field; an empty store is said here before that."""
    for length in (5, 500, "many", None):
        data = [["0" * 22], None, "any", "any", "", [], [], [], True, length, "hybrid"]
        answer = visitor.post("/gradio_api/run/change", json={"data": data, "session_hash": "tab"})
        assert answer.status_code == 200


def test_no_answer_waits_for_whoever_names_a_tab(visitor: httpx.Client) -> None:
    """Neither in the queue, nor in a link to what somebody sees."""
    assert [event["api_name"] for event in events(visitor) if event["queue"]] == []
    assert visitor.get("/gradio_api/deep_link", params={"session_hash": "tab"}).status_code == 403
    assert visitor.get("/config", params={"deep_link": "abc"}).status_code == 403
    assert visitor.get("/playlists", params={"deep_link": "abc"}).status_code == 403


def test_nothing_is_remembered_of_a_tab() -> None:
    """What went into a component and came out of it is gone with the event; and paths are looked at."""
    program = """
from gradio.routes import App
from app.server import create_app
from segue.settings import load_settings

routes = create_app(load_settings()).routes
pages = next(app for each in routes if isinstance(app := getattr(each, "app", None), App))
first = next(iter(pages.get_blocks().blocks))
pages.state_holder["tab"]._update_value_in_config(first, "private")
print("private" in str(pages.state_holder["tab"].config_values), "tab" in pages.state_holder)
print(pages.get_blocks().has_launched)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert ended.stdout.split() == ["False", "False", "True"]


def ask(address: str, path: str, times: int, method: str = "GET", **headers: str) -> list[httpx.Response]:
    """Ask some times in a row."""
    with httpx.Client(base_url=address, headers=headers) as client:
        return [client.request(method, path) for _ in range(times)]


@pytest.mark.parametrize(
    ("method", "path", "limit"),
    [("POST", "/gradio_api/upload", 30), ("GET", "/auth/login", 60), ("GET", "/api/v1/search", 240)],
)
def test_who_asks_too_often_is_told_to_wait(method: str, path: str, limit: int) -> None:
    """For how long, in a header; everything else is answered all the same."""
    with serving(lambda _: small_app()) as address:
        answers = ask(address, path, limit + 1, method)
        assert {answer.status_code for answer in answers[:-1]} == {200}
        refused = answers[-1]
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert ask(address, "/assets/x.js", 1)[0].status_code == 200


def test_the_api_says_what_is_wrong_in_its_own_form() -> None:
    """Problem details, as for every other error of it (RFC 9457)."""
    with serving(lambda _: small_app()) as address:
        refused = ask(address, "/api/v1/search", 241)[-1]
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json().keys() == {"type", "title", "status", "detail"}


def test_nobody_counts_as_another_by_saying_so() -> None:
    """What a request says of where it comes from is believed of a trusted proxy alone."""
    with serving(lambda _: small_app(), proxy_headers=False) as address:
        answers = [ask(address, "/auth/login", 1, **{"X-Forwarded-For": f"192.0.2.{n}"})[0] for n in range(61)]
        forged = [ask(address, "/auth/login", 1, Cookie=f"segue_session={n}")[0] for n in range(2)]
    assert [answer.status_code for answer in answers[-2:]] == [200, 429]
    assert {answer.status_code for answer in forged} == {429}


def test_visitors_behind_a_trusted_proxy_are_told_apart() -> None:
    """Each has a limit of their own; who sits in front of the proxy cannot choose another one."""
    with serving(lambda _: small_app(), forwarded_allow_ips="127.0.0.1") as address:
        first = ask(address, "/auth/login", 61, **{"X-Forwarded-For": "203.0.113.9, 192.0.2.1"})
        second = ask(address, "/auth/login", 1, **{"X-Forwarded-For": "203.0.113.9, 192.0.2.2"})
        again = ask(address, "/auth/login", 1, **{"X-Forwarded-For": "203.0.113.10, 192.0.2.1"})
    assert [answer.status_code for answer in (first[-1], *second, *again)] == [429, 200, 429]


def test_a_network_of_ipv6_is_one_visitor() -> None:
    """They could take another address for each request."""
    with serving(lambda _: small_app(), forwarded_allow_ips="127.0.0.1") as address:
        answers = [ask(address, "/auth/login", 1, **{"X-Forwarded-For": f"2001:db8::{n:x}"})[0] for n in range(61)]
        other = ask(address, "/auth/login", 1, **{"X-Forwarded-For": "2001:db8:0:1::1"})[0]
    assert [answers[-1].status_code, other.status_code] == [429, 200]


def test_limits_can_be_left_to_a_server_in_front() -> None:
    """One that limits already."""
    with serving(lambda _: small_app(SEGUE_LIMIT_RATES="false")) as address:
        assert {answer.status_code for answer in ask(address, "/auth/login", 70)} == {200}


def test_the_memory_of_who_asked_is_bounded() -> None:
    """However many addresses there are."""
    counting = Counting()
    for number in range(20_000):
        counting.wait(RATES[-1][2], f"visitor {number}")
    assert len(counting.limiter.storage.events) <= DRAWERS  # type: ignore[union-attr]
