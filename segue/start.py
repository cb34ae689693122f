"""Where the console program starts: even while it is still being loaded, Ctrl-C is no traceback."""

from __future__ import annotations

import sys


def main() -> None:
    """Load the console program and run it."""
    try:
        from segue.cli import main as run_command
    except KeyboardInterrupt:
        sys.exit(130)
    run_command()
