"""The app in a process of its own over an empty store, and a visitor who speaks to it over HTTP.

A test module asks for these with ``pytest_plugins = ("app_fixture",)``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest
from visiting import Visitor, rows

from segue.groups import GROUPS
from segue.settings import Settings
from segue.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from segue.store import FeatureStore


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Serve the app in a process of its own, and return its `var` and address."""
    var = tmp_path_factory.mktemp("var")
    surroundings = {**os.environ, "SEGUE_VAR": str(var)}
    command = [sys.executable, "-m", "app", "--port", "0"]
    with subprocess.Popen(command, env=surroundings, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        yield var, process.stderr.readline().split()[3]
        process.terminate()


@pytest.fixture
def app_store(served: tuple[Path, str]) -> FeatureStore:
    """Return the app's store, emptied."""
    emptied = open_store(Settings(SEGUE_VAR=served[0]).store_url)
    for group in GROUPS:
        emptied.replace(group, rows(group))
    return emptied


@pytest.fixture
def visitor(served: tuple[Path, str], app_store: FeatureStore) -> Iterator[Visitor]:
    """Return somebody who is not logged in."""
    # The socket listens a moment after the address is printed: connecting is tried again until it does.
    with httpx.Client(base_url=served[1], transport=httpx.HTTPTransport(retries=10), timeout=30) as client:
        yield Visitor(client, Settings(SEGUE_VAR=served[0]), app_store)
