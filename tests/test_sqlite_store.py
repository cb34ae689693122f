"""What only the embedded store does, or can suffer: it is one file."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest
from generations import generation
from homes import Home

from segue.errors import StoreError
from segue.groups import PLAYLIST_TRACKS
from segue.store import FeatureStore, open_store

pytest_plugins = ("homes_fixture",)

TESTS = str(Path(__file__).parent)


@pytest.mark.parametrize("name", ["a#b", "a?b", "a%20b", "a b", "ü"])
def test_the_store_is_where_its_address_says(tmp_path: Path, name: str) -> None:
    """Whatever characters a folder's name has."""
    store = open_store(f"sqlite:///{tmp_path / name / 'segue.db'}")
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    assert (tmp_path / name / "segue.db").stat().st_size > 0
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_only_its_owner_can_read_the_store(store: FeatureStore, tmp_path: Path) -> None:
    """It holds what people listen to; reading does not even make it."""
    assert store.read(PLAYLIST_TRACKS).empty
    assert not (tmp_path / "var").exists()
    store.upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "var" / "segue.db").stat().st_mode & 0o777 == 0o600


def test_readers_see_the_last_whole_state_while_somebody_writes(sqlite_home: Home) -> None:
    """The file is in WAL mode: a writer does not shut readers out."""
    open_store(sqlite_home.url).upsert(PLAYLIST_TRACKS, generation(1, rows=3))
    assert sqlite_home.execute("PRAGMA journal_mode") == "wal"


def test_a_full_disk_leaves_the_store_as_it_was(store: FeatureStore, tmp_path: Path) -> None:
    """The write fails with an error that says so, and later writes work."""
    store.upsert(PLAYLIST_TRACKS, generation(1))
    path = tmp_path / "var" / "segue.db"
    code = (
        "import resource, signal, sys; sys.path.insert(0, sys.argv[1]); from generations import *\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)\n"
        "open_store(sys.argv[2]).upsert(PLAYLIST_TRACKS, generation(2, 50_000))"
    )
    limit = str(sum(file.stat().st_size for file in path.parent.glob("segue.db*")) + 100_000)
    command = [sys.executable, "-c", code, TESTS, f"sqlite:///{path}", limit]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "StoreError" in refused.stderr
    assert "is full; nothing was changed" in refused.stderr
    assert store.read(PLAYLIST_TRACKS)["position"].unique().tolist() == [1]
    store.upsert(PLAYLIST_TRACKS, generation(3))
    assert store.read(PLAYLIST_TRACKS)["position"].unique().tolist() == [3]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_a_file_that_is_no_store_is_named(tmp_path: Path) -> None:
    """Somebody else's file is not touched."""
    path = tmp_path / "segue.db"
    path.write_text("no database " * 100)
    with pytest.raises(StoreError, match=r"segue\.db: this is not a usable SQLite file"):
        open_store(f"sqlite:///{path}").upsert(PLAYLIST_TRACKS, generation(1))
    assert path.read_text().startswith("no database")
