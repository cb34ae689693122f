"""A real PostgreSQL server: one for each worker, started when a test first asks for it.

A test module asks for these with ``pytest_plugins = ("postgresql_fixture",)``.

`postgresql` : the address of a superuser on the server. That is the one that ``SEGUE_TEST_POSTGRESQL`` names, as where
a service container runs; or else one that is started here, if PostgreSQL's programs are installed.
`schema_url` : the address of an empty schema on it, which is removed after the test.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from uuid import uuid4

import pytest
from postgresql_server import execute, in_schema, own_server, programs

GIVEN = os.environ.get("SEGUE_TEST_POSTGRESQL")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Return the address of the server's superuser."""
    found = programs()
    if GIVEN:
        yield GIVEN
    elif found is None:
        pytest.skip("no PostgreSQL: apt-get install postgresql, or set SEGUE_TEST_POSTGRESQL to a server's address")
    else:
        with own_server(found) as address:
            yield address


@pytest.fixture
def schema_url(postgresql: str) -> Iterator[str]:
    """Return the address of a store in a schema of its own."""
    name = f"test_{uuid4().hex}"
    execute(postgresql, f"CREATE SCHEMA {name}")
    yield in_schema(postgresql, name)
    execute(postgresql, f"DROP SCHEMA {name} CASCADE")
