"""The documentation is true."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from feature_pipeline.sources.playlists import PLAYLIST_SOURCES
from feature_pipeline.sources.tracks import TRACK_SOURCES
from segue.cli import commands
from segue.settings import Settings

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_command_reference_is_what_the_commands_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """`make docs` has been run since the last change of a command."""
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    reference = __import__("reference").reference()
    sys.modules.pop("reference")
    assert (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") == reference


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_repository_lead_somewhere(page: Path) -> None:
    """No page points at a file that is not there."""
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", text) + re.findall(r'src(?:set)?="(?!https?://)([^"]+)"', text)
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_shown_to_readers_exist(page: Path) -> None:
    """Whatever stands behind `segue` or `make` in a page can be typed."""
    text = page.read_text(encoding="utf-8")
    known = set(commands()) | {"--help", "--version"}
    assert set(re.findall(r"(?:^|`)(?:\$ )?segue (--?\w+|[a-z]+)", text, re.MULTILINE)) <= known
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)(?:\$ )?make ([a-z]+)", text, re.MULTILINE)) <= targets


def test_the_readme_names_the_two_commands() -> None:
    """A newcomer needs no other."""
    assert "make run" in README
    assert "make test" in README


def test_the_example_settings_are_all_of_them_and_real() -> None:
    """`.env.example` names every setting that a person may want, and none that does nothing."""
    shown = set(re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    real = {str(field.validation_alias) for field in Settings.model_fields.values()}
    # Only the sandbox sets the first two, for the programs that it runs, and only Hugging Face the others, on a Space.
    assert shown == real - {"SPOTIFY_API_URL", "SPOTIFY_ACCOUNTS_URL", "SPACE_ID", "SPACE_HOST"}


def test_every_dataset_that_can_be_downloaded_is_described() -> None:
    """The table of docs/data.md names what `--source` takes, and nothing else."""
    described = re.findall(r"^\| `(\w+)`", (ROOT / "docs" / "data.md").read_text(encoding="utf-8"), re.MULTILINE)
    every = (*TRACK_SOURCES, *PLAYLIST_SOURCES)
    assert set(described) == {source.name for source in every if source.hub is not None}


def test_the_lock_holds_every_dependency() -> None:
    """Everything that pyproject.toml asks for has one version in requirements.txt."""
    asked = re.findall(r'^  "([A-Za-z0-9-]+)(?:\[\w+\])?[><=]', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    assert {name.lower() for name in asked} - {"hatchling"} <= locked
