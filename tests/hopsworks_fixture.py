"""A Hopsworks cluster for a test: the stand-in, one for each worker, as new for each test.

A test module asks for it with ``pytest_plugins = ("hopsworks_fixture",)``.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hopsworks_stand_in.state import Cluster

from segue.hopsworks.session import disconnect


@pytest.fixture(scope="session")
def running_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Serve the stand-in to all tests of this worker."""
    pytest.importorskip("deltalake", reason="the Hopsworks client is not installed: pip install 'segue[hopsworks]'")
    from hopsworks_stand_in.server import serving

    with serving(tmp_path_factory.mktemp("hopsworks")) as cluster:
        yield cluster
        # An open connection holds up the end of the server for as long as TLS allows it to say good-bye.
        disconnect()


@pytest.fixture
def cluster(running_cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """Return a cluster as new; the settings of the test lead to it."""
    running_cluster.forget()
    for name, value in running_cluster.environment.items():
        monkeypatch.setenv(name, value)
    return running_cluster
