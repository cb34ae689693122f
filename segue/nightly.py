"""`segue nightly`: the whole night's work, each pipeline as a program of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Annotated

import typer

from segue.console import JsonFlag, note, print_json, print_table

# Not `python -m segue`: that would import whatever stands in the working folder under the name of a module.
PROGRAM = "import sys; sys.path[:] = filter(None, sys.path); from segue.start import main; main()"
STEPS: tuple[tuple[str, ...], ...] = (
    ("features", "--if-changed"),
    ("train", "--if-changed"),
    ("listens",),
    ("playlists",),
)


def nightly(
    data_dir: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Folder of datasets for the features step, instead of SEGUE_DATA_DIR."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Do the whole night's work; skip what has not changed.

    In this order: features, train, listens, playlists. A failed step ends the night where later steps need it;
    listens that fail for one listener do not.

    \b
    Example:
      segue sandbox -- segue nightly
    """
    rows: list[tuple[str, str, str]] = []
    failed = False
    for name, *arguments in STEPS:
        if name == "features" and data_dir is not None:
            arguments += ["--data-dir", data_dir]
        note(f"── segue {' '.join([name, *arguments])}")
        started = time.monotonic()
        # A person sees each step's own tables; a machine gets one document at the end.
        output = sys.stderr if as_json else None
        status = subprocess.run(
            [sys.executable, "-c", PROGRAM, name, *arguments], stdout=output, check=False
        ).returncode
        rows.append((name, "done" if status == 0 else f"failed ({status})", f"{time.monotonic() - started:.1f}"))
        failed |= status != 0
        if status != 0 and name in {"features", "train"}:
            break
    if as_json:
        keys = ("step", "status", "seconds")
        print_json({"steps": [dict(zip(keys, row, strict=True)) for row in rows]})
    else:
        print_table("Night", ("step", "status", "seconds"), rows)
    if failed:
        raise typer.Exit(1)
