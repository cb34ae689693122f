"""What anybody may read of a command about listeners: `.github/private`, which the night's steps are run by."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")

BAD_ROWS = """
import pandas as pd

from segue.console import run
from segue.groups import FEEDBACK

row = {{"listener_id": "Juniper", "track_id": "x" * 22, "verdict": "like", "made_at": pd.Timestamp.now("UTC")}}
run(lambda: FEEDBACK.validate(pd.DataFrame([{{**row, **{change!r}}}] * 2)))
"""


def public(tmp_path: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run a program as the steps about listeners are run, and return what anybody may read of it."""
    script = tmp_path / "program.py"
    script.write_text(program, encoding="utf-8")
    command = [str(ROOT / ".github" / "private"), sys.executable, str(script)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)


@pytest.mark.parametrize(
    ("program", "status", "shown"),
    [
        ("print('Juniper Vale: 50 tracks')", 0, ""),
        ("import sys; print('Juniper Vale: 403', file=sys.stderr); sys.exit(1)", 1, "status 1; "),
        ("import sys; print('Juniper'); sys.exit('error: no key: set SEGUE_KEY')", 1, "error: no key: set SEGUE_KEY\n"),
        ("import sys; sys.exit('error: unexpected KeyError: juniper-vale-id')", 1, "error: unexpected KeyError\n"),
    ],
    ids=["good", "a listener failed", "an error", "an unexpected error"],
)
def test_a_public_log_names_nobody(tmp_path: Path, program: str, status: int, shown: str) -> None:
    """Of a command about listeners only its own error is shown, and its exit status is kept."""
    run = public(tmp_path, program)
    assert run.returncode == status
    assert run.stdout.startswith(shown)
    assert "uniper" not in run.stdout + run.stderr


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({}, ": 1 rows repeat a key"),
        ({"made_at": "Juniper"}, ", column 'made_at'"),
        ({"verdict": "Juniper"}, ", column 'verdict'"),
    ],
    ids=["a key twice", "no time", "no choice"],
)
def test_rows_that_do_not_fit_are_not_shown(tmp_path: Path, change: dict[str, str], shown: str) -> None:
    """Group and column are, which are the same for everybody; the value, which a listener's machine says, is not."""
    run = public(tmp_path, BAD_ROWS.format(change=change))
    assert run.returncode == 1
    assert run.stdout.startswith(f"error: feature group 'feedback'{shown}\n")
    assert "uniper" not in run.stdout + run.stderr


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("the playlist 'calm' has been removed by 2: name one of Juniper Vale, Milo Ash with --listener", ""),
        ("no listener 'x': name one of Juniper Vale (juniper)", ""),
        ("Juniper Vale must log in again", ""),
        ("SEGUE_STORE='Juniper\udcff' names no project", "error: SEGUE_STORE …\n"),
        ('there is no playlist "Juniper\'s": choose familiar', "error: there is no playlist …\n"),
        (
            "feature group 'feedback' on Hopsworks: the project's storage is full; delete something",
            "error: feature group 'feedback' on Hopsworks: the project's storage is full; delete something\n",
        ),
        (
            "feature group 'feedback' on Hopsworks: Hopsworks refused (status 400: Juniper is no timestamp)",
            "error: feature group 'feedback' on Hopsworks: Hopsworks refused\n",
        ),
        (
            "feature group 'feedback' on Hopsworks: Cannot cast Juniper",
            "error: feature group 'feedback' on Hopsworks\n",
        ),
    ],
)
def test_an_error_is_shown_as_far_as_it_is_about_nobody(tmp_path: Path, error: str, shown: str) -> None:
    """What to do is there where Segue itself says it; what is quoted of data or of an answer is not."""
    run = public(tmp_path, f"import os, sys; os.write(2, os.fsencode('error: ' + {error!r} + '\\n')); sys.exit(1)")
    assert run.stdout == f"{shown}status 1; {run.stdout.partition('status 1; ')[2]}"
    assert "uniper" not in run.stdout + run.stderr
