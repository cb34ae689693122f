"""Dataset hubs on a loopback port: they speak HTTP as Hugging Face, Kaggle and a plain web server do."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest


@dataclass
class FakeHubs:
    """What the hubs hold, how they misbehave, and what they were asked.

    Attributes
    ----------
    files : dict
        ``name/file`` of every dataset → content.
    version : int
        Of every dataset; Hugging Face's commit and Kaggle's version number follow it.
    status : int, optional
        Answer everything with this status.
    error_code : str, optional
        Hugging Face's ``X-Error-Code`` for that status.
    cut : list of int
        Break off the next bodies after so many bytes, one after another.
    silent : bool
        Whether Kaggle's API takes requests and never answers.
    asked : list of str
        Method and path of each request, with its range.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    version: int = 1
    status: int | None = None
    error_code: str | None = None
    cut: list[int] = field(default_factory=list)
    silent: bool = False
    asked: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Address of the server."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def bodies(self) -> list[str]:
        """The requests that brought a file's content."""
        return [line for line in self.asked if line.startswith("GET ")]


@contextmanager
def running(hubs: FakeHubs) -> Iterator[FakeHubs]:
    """Serve `hubs` on a free port; afterwards nobody answers there."""
    handler = type("Handler", (_Handler,), {"hubs": hubs})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        hubs.port = server.server_address[1]
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield hubs
        server.shutdown()


def point_clients_to(hubs: FakeHubs, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the hub's client call `hubs`, by its own environment variables, and with nobody's credentials."""
    for name in ("HF_TOKEN", "KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("no_proxy", "all_proxy", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    if kind == "huggingface":
        monkeypatch.setenv("HF_ENDPOINT", hubs.url)
    if kind == "kaggle":
        # Kaggle's client knows no endpoint with a port of our choice, but it does know proxies.
        monkeypatch.setenv("KAGGLE_API_ENVIRONMENT", "LOCALHOST")
        monkeypatch.setenv("HTTP_PROXY", hubs.url)


class _Handler(BaseHTTPRequestHandler):
    hubs: FakeHubs

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Print nothing."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        span = self.headers.get("Range", "")
        self.hubs.asked.append(f"{self.command} {path} {span}".strip())
        if self.hubs.status is not None:
            code = {"X-Error-Code": self.hubs.error_code} if self.hubs.error_code else {}
            self._send(self.hubs.status, code)
        elif found := re.fullmatch(r"/datasets/(.+)/resolve/([^/]+)/(.+)", path):
            self._resolve(found[1], found[3])
        elif path.startswith("/api/v1/datasets.DatasetApiService/"):
            self._kaggle(path.rsplit("/", 1)[1])
        elif found := re.fullmatch(r"/stored/(.+)", path):
            self._file(found[1])
        else:
            self._send(404, {"Content-Type": "text/plain"})

    def _resolve(self, name: str, file: str) -> None:
        """Hugging Face: a redirect to another host, with what the client must know in its headers."""
        content = self.hubs.files.get(f"{name}/{file}")
        if content is None:
            return self._send(404, {"X-Error-Code": "EntryNotFound"})
        headers = {
            "X-Repo-Commit": f"{self.hubs.version:040x}",
            "X-Linked-ETag": f'"{hashlib.sha256(content).hexdigest()}"',
            "X-Linked-Size": str(len(content)),
            "Location": f"http://localhost:{self.hubs.port}/stored/{name}/{file}",
        }
        return self._send(302, headers)

    def _kaggle(self, call: str) -> None:
        """Kaggle's API: one POST for the current version, one for a redirect to storage."""
        wanted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.hubs.silent:
            return self._wait_for_the_client_to_leave()
        name = f"{wanted['ownerSlug']}/{wanted['datasetSlug']}"
        if not any(path.startswith(f"{name}/") for path in self.hubs.files):
            return self._json(404, {"code": 404, "message": "Dataset not found"})
        if call == "GetDataset":
            return self._json(200, {"ref": name, "currentVersionNumber": self.hubs.version})
        # Large tables come zipped, under the name that says so.
        for stored in (wanted["fileName"], f"{wanted['fileName']}.zip"):
            if f"{name}/{stored}" in self.hubs.files:
                return self._send(302, {"Location": f"http://localhost/stored/{name}/{stored}"})
        return self._json(404, {"code": 404, "message": "File not found"})

    def _file(self, path: str) -> None:
        """Storage: whole files or the rest of one, with a checksum."""
        content = self.hubs.files.get(path)
        if content is None:
            return self._send(404, {})
        start = int(span[1]) if (span := re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))) else 0
        headers = {
            "Accept-Ranges": "bytes",
            "ETag": f'"{hashlib.sha256(content).hexdigest()}"',
            "X-Goog-Hash": f"md5={base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()}",
        }
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return self._send(206 if start else 200, headers, content[start:])

    def _wait_for_the_client_to_leave(self) -> None:
        self.rfile.read()

    def _json(self, status: int, value: dict[str, Any]) -> None:
        self._send(status, {"Content-Type": "application/json"}, json.dumps(value).encode())

    def _send(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        stored = "/stored/" in self.path
        end = self.hubs.cut.pop(0) if stored and self.hubs.cut else len(body)
        # A client that was killed takes no more.
        with suppress(ConnectionError):
            self.wfile.write(body[:end])
