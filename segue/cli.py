"""The console program `segue`: finds each command by entry point and loads only the one that is asked for."""

from __future__ import annotations

import re
import sys
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from segue import __version__
from segue.console import run

# The order in which a newcomer meets them; commands of other packages follow.
ORDER = (
    "nightly",
    "features",
    "listens",
    "train",
    "evaluate",
    "promote",
    "playlists",
    "recommend",
    "similar",
    "app",
    "login",
    "disconnect",
    "keys",
    "runs",
    "sandbox",
    "doctor",
)


def commands() -> dict[str, EntryPoint]:
    """Return every installed command, by name."""
    found = {point.name: point for point in entry_points(group="segue.commands")}
    return {name: found[name] for name in (*filter(found.get, ORDER), *sorted(found.keys() - set(ORDER)))}


def summary(point: EntryPoint) -> str:
    """Return the first line of a command's docstring, read from its source: importing or parsing it takes longer."""
    spec = find_spec(point.module)
    if spec is None or spec.origin is None:
        return ""
    source = Path(spec.origin).read_text(encoding="utf-8")
    found = re.search(rf'^def {point.attr}\(.*?"""(.+?)(?:"""|$)', source, re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


def program(asked: str | None) -> typer.Typer:
    """Build the program with one command loaded; the others are there by name, and by summary for the overview."""
    app = typer.Typer(name="segue", no_args_is_help=True, add_completion=False, rich_markup_mode=None)
    app.callback()(options)
    known = commands()
    for name, point in known.items():
        if name == asked:
            app.command(name)(point.load())
        else:
            app.command(name, help="" if asked in known else summary(point))(lambda: None)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"segue {__version__}")
        raise typer.Exit


def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Fresh Spotify playlists, with a reason for every track.

    Try it without any account: segue sandbox -- segue nightly, then segue app.
    """
    del version  # its callback has answered


def main() -> None:
    """Run the command that the command line names."""
    asked = sys.argv[1] if len(sys.argv) > 1 else None
    run(lambda: program(asked)(prog_name="segue"))
