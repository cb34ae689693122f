"""How commands speak to people: results on standard output, progress and notes on standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

import typer

from segue.errors import SegueError

T = TypeVar("T")
INTERRUPTED = 130

JsonFlag = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for machines.")]


def run(app: Callable[[], Any]) -> None:
    """Run a command-line program; whatever goes wrong ends in one clear line and a status, never a traceback.

    Exit status: 0 done, 1 failed, 2 wrong use, 130 interrupted. ``SEGUE_DEBUG=1`` shows the traceback.
    """
    try:
        app()
    except SegueError as error:
        _fail(str(error), error)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            note("interrupted: nothing is half-written, run the same command again")
        raise
    except BrokenPipeError:
        # The reader of our output has gone (`segue similar … | head`): nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except UnicodeError as error:
        _fail(
            "an argument or a file's name is not text in UTF-8: rename the file, or check the terminal's encoding",
            error,
        )
    except MemoryError as error:
        _fail("out of memory: close other programs or use fewer datasets", error)
    except OSError as error:
        _fail(f"{error.filename or 'system'}: {error.strerror or error}", error)
    except Exception as error:  # noqa: BLE001 - the last resort of a program that shows no tracebacks
        _fail(f"unexpected {type(error).__name__}: {error} (SEGUE_DEBUG=1 shows where; please report it)", error)


def _fail(message: str, error: BaseException) -> None:
    if os.environ.get("SEGUE_DEBUG"):
        raise error
    print("error: " + " ".join(message.split()), file=sys.stderr)
    sys.exit(1)


def note(message: str) -> None:
    """Tell the person at the terminal something; scripts that read standard output never see it."""
    print(message, file=sys.stderr, flush=True)


def print_json(result: Mapping[str, Any]) -> None:
    """Print a result for machines, as one JSON document."""
    print(json.dumps(result, ensure_ascii=False, indent=2, default=str))


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], numeric: bool = False) -> None:
    """Print a result for people, as a table.

    Parameters
    ----------
    title : str
        Heading of the table.
    columns : sequence of str
        Column headings.
    rows : iterable of sequences
        Cells; numbers are set flush right.
    numeric : bool
        Whether every column but the first holds numbers.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(header_style="bold")
    for position, column in enumerate(columns):
        table.add_column(column, justify="right" if numeric and position else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(f"{cell:,}" if isinstance(cell, int) else str(cell)) for cell in row))
    # Piped output is as wide as it needs to be: a script should never meet a wrapped cell.
    console = Console(width=None if sys.stdout.isatty() else 200)
    # Not as the table's own, which would be broken where the table is narrower.
    console.print(Text(title, "bold"), soft_wrap=True)
    console.print(table)


def track_progress(items: Iterable[T], description: str, total: int | None = None) -> Iterable[T]:
    """Iterate with a progress bar on standard error (none where standard error is not a terminal)."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(items, description, total=total, console=console, transient=True, disable=not console.is_terminal)
