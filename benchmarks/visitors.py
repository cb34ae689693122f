"""Visitors of the app, each behind an address of their own, who search a song and ask for what goes with it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode

from benchmarks.finished import surroundings
from segue.settings import Settings

FIRST = ip_address("10.0.0.1")
PATIENCE = 120
API = "/api/v1"
OK = 200


@dataclass(frozen=True)
class App:
    """The app in a process of its own.

    Attributes
    ----------
    port : int
    process : Popen
    """

    port: int
    process: subprocess.Popen[str]

    def ask(self, visitor: int, typed: str) -> float:
        """Search what a visitor has typed, ask for what goes with what is found, and return the seconds of both.

        Raises
        ------
        RuntimeError
            If anything but songs is answered.
        """
        began = time.perf_counter()
        # The standard library's client: what it takes of the processors is taken from the app.
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            headers = {"X-Forwarded-For": str(FIRST + visitor), "Content-Type": "application/json"}
            connection.request("GET", f"{API}/search?{urlencode({'q': typed, 'limit': 5})}", headers=headers)
            seeds = [song["track_id"] for song in _answered(connection)["songs"]]
            connection.request("POST", f"{API}/recommendations", json.dumps({"seeds": seeds}), headers)
            if not _answered(connection)["tracks"]:
                raise RuntimeError(f"nothing goes with {typed!r}")
        return time.perf_counter() - began


@contextmanager
def served(settings: Settings) -> Iterator[App]:
    """Serve the app as behind a proxy, which says for whom it asks."""
    environment = surroundings(settings.var, SEGUE_TRUSTED_PROXIES="127.0.0.1")
    command = [sys.executable, "-m", "app", "--port", "0"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None  # noqa: S101 - for the type checker
        try:
            yield App(int(process.stderr.readline().split()[3].rpartition(":")[2]), process)
        finally:
            process.terminate()


def _answered(connection: HTTPConnection) -> dict[str, Any]:
    answer = connection.getresponse()
    said = answer.read()
    if answer.status != OK:
        raise RuntimeError(f"the app answered {answer.status}: {said[:200]!r}")
    songs: dict[str, Any] = json.loads(said)
    return songs
