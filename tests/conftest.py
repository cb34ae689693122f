"""Fixtures that more than one test module uses."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from segue.store import FeatureStore, open_store

# The same examples every time, on every machine: a test that fails, fails for everybody.
settings.register_profile("segue", derandomize=True, deadline=None, database=None)
settings.load_profile("segue")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the storm of `test_storm.py` be a longer one, and let what browsers showed be kept."""
    parser.addoption("--screenshots", type=Path, help="Folder for a picture of each page at the end of its test.")
    parser.addoption("--refreshes", type=int, default=40, help="How many refreshes of playlists the storm has.")


ROOT = Path(__file__).parent.parent
# `benchmarks` is in no wheel. Last, so that everything else is what is installed.
sys.path.append(str(ROOT))
DATA_DIR = Path(os.environ.get("SEGUE_DATA_DIR") or ROOT.parent / "shared" / "data")


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run each test with a `var` folder of its own and none of the developer's settings."""
    for name in list(os.environ):
        if name.startswith(("HOPSWORKS_", "SEGUE_", "SPOTIFY_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SEGUE_VAR", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    """Return an empty embedded store."""
    return open_store(f"sqlite:///{tmp_path / 'var' / 'segue.db'}")


@pytest.fixture
def every_log(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Return what every library logs at every level, also one that another test has silenced."""
    logging.disable(logging.NOTSET)
    # A copy: threads that other tests have left behind may be making loggers.
    for logger in list(logging.root.manager.loggerDict.values()):
        monkeypatch.setattr(logger, "disabled", False, raising=False)
        monkeypatch.setattr(logger, "propagate", True, raising=False)
        if isinstance(logger, logging.Logger):
            caplog.set_level(1, logger.name)
    caplog.set_level(1)
    return caplog


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real public datasets, where there is one."""
    if not DATA_DIR.is_dir():
        pytest.skip(f"no real datasets at {DATA_DIR}: set SEGUE_DATA_DIR to a folder that holds them")
    return DATA_DIR
