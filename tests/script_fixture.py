"""A scripted server; a test module asks for it with ``pytest_plugins = ("script_fixture",)``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from scripted_server import Script, serving_script


@pytest.fixture
def script() -> Iterator[Script]:
    """Serve a script."""
    with serving_script() as script:
        yield script
