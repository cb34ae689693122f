"""Write docs/commands.md from the commands' own `--help`: `python docs/reference.py > docs/commands.md`."""

from __future__ import annotations

import os
import subprocess
import sys

from segue.cli import commands

HEAD = """# Commands

Every command prints its result on standard output and everything else on standard error. Exit status: 0 done,
1 failed (one line says why and what to do), 2 wrong use. `SEGUE_DEBUG=1` shows the traceback of a failure.

This page is made by `make docs`.
"""


def reference() -> str:
    """Return the page."""
    sections = [f"## segue {name}\n\n```text\n{_help(name)}\n```\n" for name in commands()]
    return "\n".join([HEAD, *sections])


def _help(name: str) -> str:
    surroundings = {**os.environ, "COLUMNS": "100", "TERMINAL_WIDTH": "100"}
    command = [sys.executable, "-m", "segue", name, "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, env=surroundings)
    return "\n".join(line.rstrip() for line in shown.stdout.strip().splitlines())


if __name__ == "__main__":
    sys.stdout.write(reference())
