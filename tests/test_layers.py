"""Who may import whom (docs/architecture.md). The contracts stand in pyproject.toml."""

from __future__ import annotations

from conftest import ROOT
from importlinter.cli import lint_imports


def test_the_layers_hold() -> None:
    """The pipelines meet only in the store and the registry."""
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0
