"""What the model registry promises."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from segue.errors import ModelNotFoundError, RegistryError
from segue.registry import FolderRegistry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def registry(tmp_path: Path) -> FolderRegistry:
    """Return an empty registry."""
    return FolderRegistry(tmp_path / "models")


def weights(text: str = "1.0") -> Callable[[Path], None]:
    """Return a function that writes a model of one file."""

    def write(folder: Path) -> None:
        (folder / "weights.txt").write_text(text)

    return write


def test_a_model_comes_back_with_its_files_metrics_and_schema(registry: FolderRegistry) -> None:
    """What was saved is what is loaded."""
    registry.save("audio", weights("0.25"), {"recall_at_100": 0.011}, {"features": ["energy", "tempo"]})
    model = registry.load("audio")
    assert (model.label, (model.path / "weights.txt").read_text()) == ("audio@1", "0.25")
    assert model.metrics == {"recall_at_100": 0.011}
    assert model.schema == {"features": ["energy", "tempo"]}


def test_every_save_is_a_new_version_and_the_latest_is_the_default(registry: FolderRegistry) -> None:
    """Versions count up by number, so the tenth comes after the ninth."""
    for number in range(1, 11):
        registry.save("audio", weights(str(number)), {}, {})
    assert registry.versions("audio") == list(range(1, 11))
    assert registry.load("audio").version == 10
    assert (registry.load("audio", 2).path / "weights.txt").read_text() == "2"


def test_a_failed_save_leaves_no_trace(registry: FolderRegistry) -> None:
    """A version appears whole or not at all."""

    def fail(folder: Path) -> None:
        (folder / "weights.txt").write_text("half")
        raise OSError(28, "No space left on device")

    registry.save("audio", weights(), {}, {})
    with pytest.raises(RegistryError, match="cannot register a model: No space left on device"):
        registry.save("audio", fail, {}, {})
    assert [path.name for path in (registry.root / "audio").iterdir()] == ["1"]


def test_what_a_killed_run_left_is_swept_by_the_next(registry: FolderRegistry) -> None:
    """A folder that a dead process was writing is not a version, and does not stay."""
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    leftover = registry.root / "audio" / f".writing-{dead.pid}-x"
    leftover.mkdir(parents=True)
    assert registry.versions("audio") == []
    registry.save("audio", weights(), {}, {})
    assert not leftover.exists()


def test_saves_at_the_same_time_get_versions_of_their_own(registry: FolderRegistry) -> None:
    """No save is lost, whatever the order."""
    with ThreadPoolExecutor(8) as pool:
        models = list(pool.map(lambda text: registry.save("audio", weights(text), {}, {}), map(str, range(24))))
    assert sorted(model.version for model in models) == list(range(1, 25))
    assert {(model.path / "weights.txt").read_text() for model in models} == set(map(str, range(24)))


@pytest.mark.parametrize(
    ("name", "version", "message"),
    [
        ("hybrid", None, r"no model 'hybrid' is registered, but audio: run `segue train --space hybrid`"),
        ("audio", 7, r"model 'audio' has no version 7, but 1"),
    ],
)
def test_an_unknown_model_is_answered_with_what_there_is(
    registry: FolderRegistry, name: str, version: int | None, message: str
) -> None:
    """The message names what could be asked for instead."""
    registry.save("audio", weights(), {}, {})
    with pytest.raises(ModelNotFoundError, match=message):
        registry.load(name, version)


def test_an_empty_registry_says_what_to_run(registry: FolderRegistry) -> None:
    """A newcomer who asks too early learns the order of commands."""
    with pytest.raises(ModelNotFoundError, match="run `segue train`"):
        registry.load("audio")
