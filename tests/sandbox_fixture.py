"""A small catalog, and the real sandbox serving it on a free port.

A test module asks for these with ``pytest_plugins = ("sandbox_fixture",)``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT
from sandbox_api import Api
from sandbox_catalog import small_catalog

from segue.groups import TRACKS
from segue.runs import recorded_run
from segue.sandbox.connect import connect_people
from segue.sandbox.server import Sandbox, serving
from segue.settings import load_settings
from segue.store import FeatureStore


@pytest.fixture(scope="module")
def openapi_text() -> str:
    """Return Spotify's OpenAPI description of the Web API, where there is one."""
    data = Path(os.environ.get("SEGUE_DATA_DIR") or ROOT.parent / "shared" / "data")
    path = data.parent / "reference" / "spotify-openapi.yml"
    if not path.is_file():
        pytest.skip(f"no OpenAPI description of the Web API at {path}")
    return path.read_text(encoding="utf-8")


@pytest.fixture
def catalog(store: FeatureStore) -> pd.DataFrame:
    """Return the small catalog, which is in the store."""
    tracks = small_catalog()
    with recorded_run(store, "features"):
        store.replace(TRACKS, tracks)
    return tracks


@pytest.fixture
def sandbox(store: FeatureStore) -> Iterator[Sandbox]:  # noqa: ARG001 - the sandbox reads the store of the test
    """Serve the sandbox, with nobody connected."""
    with serving(load_settings()) as running:
        yield running


@pytest.fixture
def connected(store: FeatureStore, catalog: pd.DataFrame, sandbox: Sandbox) -> Sandbox:  # noqa: ARG001 - the tastes
    """Serve the sandbox over the small catalog, with every made-up listener connected."""
    connect_people(store, sandbox.settings)
    return sandbox


@pytest.fixture
def api(sandbox: Sandbox, catalog: pd.DataFrame) -> Api:
    """Return Juniper's access to a sandbox with music."""
    assert len(catalog)
    return Api(sandbox)
