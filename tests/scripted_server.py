"""A real server on the edge of the Web API that answers whatever it is told to: for what the sandbox does not do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from segue.sandbox.address import at_sandbox
from segue.settings import load_settings
from segue.spotify.client import SpotifyClient


@dataclass(frozen=True)
class Answer:
    """One answer; with status 0 the connection is dropped instead."""

    status: int = 200
    body: str = "{}"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Script:
    """What the server does and has seen.

    Attributes
    ----------
    answers : list of Answer
        Given in this order; the last one is given for ever.
    calls, tokens, bodies : list
        "METHOD /path", access token and body of each call.
    slept : list of float
        The seconds that a client of this server would have waited.
    go : Event
        Cleared, the server accepts calls and stays silent.
    """

    port: int
    answers: list[Answer] = field(default_factory=lambda: [Answer()])
    calls: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    go: Event = field(default_factory=Event)

    def client(self, **options: Any) -> SpotifyClient:
        """Return a client of this server."""
        return SpotifyClient("secret-token", at_sandbox(load_settings(), self.port), sleep=self.slept.append, **options)

    def say(self, status: int, body: str = "{}", **headers: str) -> None:
        """Give this answer from now on."""
        self.answers = [Answer(status, body, headers)]


def refusal(message: str, status: int, **more: Any) -> str:
    """Return an error body as the Web API writes it."""
    return json.dumps({"error": {"status": status, "message": message, **more}})


def handler(script: Script) -> type[BaseHTTPRequestHandler]:
    """Return what answers the calls of a server."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            script.calls.append(f"{self.command} {self.path.partition('?')[0]}")
            script.tokens.append(self.headers["Authorization"].removeprefix("Bearer "))
            script.bodies.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            script.go.wait(10)
            answer = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
            if answer.status == 0:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in {**answer.headers, "Content-Length": str(len(answer.body.encode()))}.items():
                self.send_header(name.replace("_", "-"), value)
            # Where the test is about a time-out, nobody listens any more.
            with suppress(BrokenPipeError):
                self.end_headers()
                self.wfile.write(answer.body.encode())

        do_GET = do_POST = do_PUT = answer  # noqa: N815 - names that http.server prescribes

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def serving_script() -> Iterator[Script]:
    """Serve a script until the block ends."""
    script = Script(0)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler(script)) as server:
        script.port = server.server_port
        script.go.set()
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield script
        script.go.set()
        server.shutdown()
        thread.join()
