"""What the console program promises, whichever command it is."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from importlib.metadata import entry_points
from inspect import getdoc
from pathlib import Path

import pytest

from segue import __version__, console
from segue.errors import InputError

COMMANDS = sorted(point.name for point in entry_points(group="segue.commands"))
MODULES = {
    "feature_pipeline": ["features", "listens"],
    "training_pipeline": ["train"],
    "inference_pipeline": ["playlists", "recommend", "similar"],
    "app": ["--host", "--port"],
}


def segue(*arguments: str, module: str = "segue") -> subprocess.CompletedProcess[str]:
    """Run the console program as a user would."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_the_overview_names_every_command_and_what_it_does() -> None:
    """Each line is the command's own summary: the first of its docstring, which is read without loading it."""
    overview = segue("--help")
    assert overview.returncode == 0
    listed = dict(line.split(None, 1) for line in overview.stdout.partition("Commands:")[2].strip().splitlines())
    points = entry_points(group="segue.commands")
    assert listed == {point.name: getdoc(point.load()).partition("\n")[0] for point in points}
    assert all(len(summary) > 15 for summary in listed.values())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    """`--help` shows how the command is typed."""
    shown = segue(command, "--help")
    assert shown.returncode == 0
    assert f"Usage: segue {command}" in " ".join(shown.stdout.split())
    assert re.search("Examples?:", shown.stdout)
    assert "--json" in shown.stdout or command in {"app", "sandbox"}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["train", "--help"], ["features", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    """Nobody waits for pandas to read a page of help."""
    code = (
        "import sys; sys.argv = ['segue', *sys.argv[1:]]\nfrom segue.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'pandas', 'sklearn', 'gradio', 'pyarrow'}))"
    )
    shown = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("module", MODULES)
def test_each_part_runs_alone(module: str) -> None:
    """A pipeline is a program of its own."""
    shown = segue("--help", module=module)
    assert shown.returncode == 0
    assert all(name in shown.stdout for name in MODULES[module])


def test_the_version_is_that_of_the_package() -> None:
    """One place holds it."""
    assert segue("--version").stdout == f"segue {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["trian"], "No such command 'trian'. Did you mean 'train'?"),
        (["train", "--nonsense"], "No such option: --nonsense"),
        (["recommend"], "Missing option"),
        (["features", "--tracks"], "requires an argument"),
    ],
)
def test_wrong_use_is_status_2(arguments: list[str], message: str) -> None:
    """What was wrong, and how it is used."""
    refused = segue(*arguments)
    assert refused.returncode == 2
    assert message in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_setting_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Status 1, one line, no traceback."""
    monkeypatch.setenv("SEGUE_STORE", "mysql://me:secret@localhost/segue")
    refused = segue("train")
    assert refused.returncode == 1
    assert refused.stderr == (
        "error: SEGUE_STORE='mysql://localhost/segue' is not a store: "
        "write sqlite:///PATH, such as sqlite:///var/segue.db, postgresql://USER:PASSWORD@HOST/DATABASE or hopsworks://PROJECT\n"
    )


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            InputError("must be a number", file="a.csv", column="tempo", row=3),
            "a.csv, column 'tempo', row 3: must be a",
        ),
        (PermissionError(13, "Permission denied", "/var/segue.db"), "/var/segue.db: Permission denied"),
        (ZeroDivisionError("division by zero"), "unexpected ZeroDivisionError: division by zero (SEGUE_DEBUG=1"),
        (MemoryError(), "out of memory"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_goes_wrong_ends_in_one_line(error: Exception, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Expected or not, an error is never a traceback."""

    def fail() -> None:
        raise error

    with pytest.raises(SystemExit, match="1"):
        console.run(fail)
    shown = capsys.readouterr().err
    assert shown.startswith(f"error: {line}")
    assert shown.count("\n") == 1


@pytest.mark.skipif(
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN, reason="tests in the background of a shell hear no Ctrl-C"
)
def test_an_interrupt_is_answered_with_what_to_do_next(tmp_path: Path) -> None:
    """Ctrl-C is status 130 and one line."""
    slow = tmp_path / "tracks.csv"
    os.mkfifo(slow)  # reading it waits for somebody who never writes
    command = [sys.executable, "-m", "segue", "features", "--tracks", str(slow)]
    # Opening returns once the command has begun to read.
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process, slow.open("w"):
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == "interrupted: nothing is half-written, run the same command again\n"


def test_a_table_that_is_piped_keeps_each_row_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A script can read what a person sees."""
    console.print_table("Songs", ("title", "plays"), [("A rather long title " * 5, 1_234_567)], numeric=True)
    row = next(line for line in capsys.readouterr().out.splitlines() if "A rather" in line)
    assert "1,234,567" in row
    assert os.environ.get("COLUMNS") is None or len(row) > 100
