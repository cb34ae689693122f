"""The homes that a feature store can have, for tests of what all of them do.

A test module asks for these with ``pytest_plugins = ("homes_fixture",)``. A test that takes `home`, or `store` where
the module takes that from it, runs once for each of `HOMES`.

Another home is added to `HOMES`, with a fixture ``<name>_home`` that returns its `Home`. What one cannot do, it says in
`Home.cannot`: tests marked ``@pytest.mark.needs("…")`` with that are skipped there, with the reason.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from homes import NEEDS, Home, behind_its_back
from hopsworks_stand_in.state import Cluster
from postgresql_server import execute

pytest_plugins = ("hopsworks_fixture", "postgresql_fixture")

HOMES = ("sqlite", "postgresql", "hopsworks")


@pytest.fixture(params=HOMES)
def home(request: pytest.FixtureRequest) -> Home:
    """Return one home after the other, each empty."""
    found: Home = request.getfixturevalue(f"{request.param}_home")
    marker = request.node.get_closest_marker("needs")
    for need in marker.args if marker else ():
        assert need in NEEDS
        if need in found.cannot:
            pytest.skip(f"{request.param}: {found.cannot[need]}")
    return found


@pytest.fixture
def sqlite_home(tmp_path: Path) -> Home:
    """Return the embedded store."""
    path = tmp_path / "var" / "segue.db"
    return Home(f"sqlite:///{path}", partial(behind_its_back, path))


@pytest.fixture
def postgresql_home(schema_url: str) -> Home:
    """Return a schema of its own on a real server."""
    return Home(schema_url, partial(execute, schema_url))


@pytest.fixture
def hopsworks_home(cluster: Cluster) -> Home:
    """Return a project on a stand-in for Hopsworks, through its unmodified client."""
    cannot = {
        "damage": "no SQL goes past the client; test_hopsworks_store.py damages the table's files",
        "transaction": "Hopsworks has no transactions over several groups",
    }

    def refuse(statement: str) -> str:
        raise AssertionError(f"no SQL on Hopsworks: {statement}")

    return Home(f"hopsworks://{cluster.project}", refuse, cannot, turns=3)
