"""What the registry in a folder promises beside what every registry does."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from registering import weights

from segue.errors import InputError, RegistryError
from segue.registry import FolderRegistry

if TYPE_CHECKING:
    from pathlib import Path

PROMOTE = """
import sys
from pathlib import Path
from segue.registry import FolderRegistry
registry = FolderRegistry(Path(sys.argv[1]))
for version in (10, 11, 12):
    registry.promote(registry.load("audio", version))
"""


@pytest.fixture
def registry(tmp_path: Path) -> FolderRegistry:
    """Return an empty registry."""
    return FolderRegistry(tmp_path / "models")


@pytest.mark.parametrize("text", ["", "[]", "{}", "null"])
def test_a_version_that_is_not_what_it_should_be_is_one_clear_line(registry: FolderRegistry, text: str) -> None:
    """Whatever its description holds instead."""
    (registry.save("audio", weights(), {}, {}).path / "model.json").write_text(text)
    with pytest.raises(RegistryError, match=r"model\.json: unreadable .*run `segue train`"):
        registry.load("audio")


def test_what_a_killed_run_left_is_swept_by_the_next(registry: FolderRegistry) -> None:
    """A folder that a dead process was writing is not a version, and does not stay."""
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    leftover = registry.root / "audio" / f".writing-{dead.pid}-x"
    leftover.mkdir(parents=True)
    assert registry.versions("audio") == []
    registry.save("audio", weights(), {}, {})
    assert not leftover.exists()


def test_what_is_no_model_is_in_no_listing(registry: FolderRegistry) -> None:
    """Folders and files that somebody else put there are left alone."""
    registry.save("audio", weights(), {}, {})
    (registry.root / "my backup" / "1").mkdir(parents=True)
    (registry.root / "audio" / "0000000001").mkdir()
    assert (registry.names(), registry.versions("audio")) == (["audio"], [1])


def test_a_failed_promotion_leaves_the_present_best(registry: FolderRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pointer is replaced in one step or not at all."""
    first, second = (registry.save("audio", weights(), {}, {}) for _ in range(2))
    registry.promote(first)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(RegistryError, match="cannot promote audio@2: No space left on device"):
        registry.promote(second)
    assert registry.best("audio") == 1
    assert sorted(path.name for path in (registry.root / "audio").iterdir()) == ["1", "2", "best"]


def test_a_damaged_pointer_is_one_clear_line(registry: FolderRegistry) -> None:
    """The message names the file and what to do."""
    registry.save("audio", weights(), {}, {})
    (registry.root / "audio" / "best").write_text("two")
    with pytest.raises(RegistryError, match="best: unreadable"):
        registry.find("audio")


def test_a_failed_or_removed_version_leaves_no_files(registry: FolderRegistry) -> None:
    """Neither what was half written nor what was deleted takes up room."""

    def fail(folder: Path) -> None:
        (folder / "weights.txt").write_text("half")
        raise OSError(28, "No space left on device")

    first, _ = (registry.save("audio", weights(), {}, {}) for _ in range(2))
    with pytest.raises(RegistryError):
        registry.save("audio", fail, {}, {})
    registry.remove(first)
    assert [path.name for path in (registry.root / "audio").iterdir()] == ["2"]


def test_a_name_never_leads_outside(registry: FolderRegistry) -> None:
    """Though a model lies there."""
    outside = FolderRegistry(registry.root.parent)
    outside.save("outside", weights(), {}, {})
    before = sorted(registry.root.parent.rglob("*"))
    for ask in (lambda: registry.find("../outside@1"), lambda: registry.save("../outside", weights(), {}, {})):
        with pytest.raises(InputError, match="is no name of a model"):
            ask()
    assert sorted(registry.root.parent.rglob("*")) == before


def test_programs_that_promote_at_the_same_time_leave_one_whole_pointer(registry: FolderRegistry) -> None:
    """Whoever comes last wins; nobody reads half a number."""
    models = [registry.save("audio", weights(), {}, {}) for _ in range(12)]
    command = [sys.executable, "-c", PROMOTE, str(registry.root)]
    programs = [subprocess.Popen(command) for _ in range(2)]
    while any(program.poll() is None for program in programs):
        assert registry.best("audio") in {None, 10, 11, 12}
    assert [program.returncode for program in programs] == [0, 0]
    assert registry.load("audio", "best").version == models[-1].version
