"""The app as a program, and what every page of it owes its visitors."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uvicorn
from fastapi import FastAPI

from app.server import serve_on
from segue.settings import Settings

if TYPE_CHECKING:
    from visiting import Visitor

pytest_plugins = ("app_fixture",)


def test_the_pages_open(visitor: Visitor) -> None:
    """With their title, before there is any catalog."""
    for path in ("/", "/playlists", "/songs"):
        assert visitor.client.get(path).status_code == 200
    assert visitor.client.get("/config").json()["title"] == "Segue: playlists that say why"


def test_other_websites_cannot_read_what_a_visitor_sees(visitor: Visitor) -> None:
    """Gradio by itself would answer every origin, with credentials."""
    answer = visitor.client.get("/config", headers={"Origin": "https://evil.example", "Host": "segue.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_a_port_that_is_taken_is_said_in_one_line() -> None:
    """With another one to try."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "app", "--port", str(port)]
        refused = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert refused.returncode == 1
    assert refused.stderr == f"error: port {port} is taken: choose another one, such as --port {port + 1}\n"


def test_answers_are_sent_as_they_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not when the visitor has confirmed what came before: the connections that a socket accepts are as it is."""
    monkeypatch.setattr("app.server.create_app", lambda _: FastAPI())
    monkeypatch.setattr(uvicorn.Server, "run", lambda _, sockets: sockets[0].listen())
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        serve_on(Settings(SEGUE_VAR=tmp_path), listening)
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_an_address_of_another_machine_is_refused() -> None:
    """Another port would not help."""
    command = [sys.executable, "-m", "app", "--host", "192.0.2.1"]
    refused = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: cannot listen on 192.0.2.1")
    assert refused.stderr.endswith("is it an address of this machine?\n")
