"""The wheel: built as CI builds it, and tested where it is installed, without the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT
from workflow_runner import STRICT, clean_copy, read_workflow

from segue.cli import commands

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
PACKAGES = ("segue", "feature_pipeline", "training_pipeline", "inference_pipeline", "app")


def step(job: str, part: str) -> str:
    """Return the one script of a job of CI that has this part."""
    (found,) = (each["run"] for each in read_workflow("ci")["jobs"][job]["steps"] if part in each.get("run", ""))
    return str(found)


def bash(script: str, folder: Path) -> str:
    """Run a script in a folder as CI does, with the Python of these tests, and return what it printed."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = [*STRICT, "-c", script]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=True, timeout=300
    ).stdout


def environment_with(packages: str, folder: Path) -> Path:
    """Make an environment in `folder` that finds what is in the folder `packages`, after what is installed in it."""
    venv.create(folder / ".venv", symlinks=True)
    (own,) = folder.glob(".venv/lib/python*/site-packages")
    (own / "others.pth").write_text(f"{packages}\n")
    return folder


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of a clean copy with CI's own step; nothing is downloaded for it."""
    checkout = clean_copy(tmp_path_factory.mktemp("wheel") / "checkout")
    bash(f"{step('wheel', 'pip wheel').strip()} --no-build-isolation", checkout)
    (built,) = (checkout / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment of its own, which finds what Segue needs where this one has it."""
    folder = environment_with(sysconfig.get_path("purelib"), tmp_path_factory.mktemp("installed"))
    bash(f"uv pip install --quiet --offline --no-deps --python .venv/bin/python '{wheel}'", folder)
    return folder


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    """Templates, styles and scripts, too; and nothing but the packages."""
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    files = {path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file()}
    assert names == {file.as_posix() for file in files if "__pycache__" not in file.parts}


def test_what_ci_asks_of_the_environment_holds_of_the_wheel_alone(installed: Path, tmp_path: Path) -> None:
    """The step that says it is the wheel that is tested passes where it is, and fails where the checkout is."""
    line = step("tests", "python -I")
    bash(line, installed)
    environment_with(str(ROOT), tmp_path)
    with pytest.raises(subprocess.CalledProcessError):
        bash(line, tmp_path)


def test_the_wheel_has_every_command(installed: Path) -> None:
    """The program starts from where it is installed, and knows what the checkout knows."""
    said = bash(".venv/bin/python -I .venv/bin/segue --help", installed)
    assert {line.split()[0] for line in said.splitlines() if line.startswith("  ") and line.split()} >= {*commands()}
