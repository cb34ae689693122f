"""The command `segue runs`. Heavy modules are imported inside, so that `--help` answers at once."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from segue.console import JsonFlag, note, print_json, print_table


def runs(
    pipeline: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only of this one; may be repeated.")
    ] = None,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="Print it as Markdown, with a picture of what was measured.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Show the last run of each pipeline.

    When it was, how it ended, what it counted and measured. Nothing of it is about any one listener, so anybody may
    read it. The pipelines: features, train, listens, playlists.

    \b
    Example:
      segue runs --pipeline train --markdown
    """
    from segue.errors import InputError
    from segue.runs import PIPELINES, last_runs
    from segue.runs_report import as_page, as_row
    from segue.settings import load_settings
    from segue.store import open_store

    wanted = tuple(pipeline or PIPELINES)
    for name in wanted:
        if name not in PIPELINES:
            raise InputError(f"there is no pipeline {name!r}, but {', '.join(PIPELINES)}")
    last = [run for run in last_runs(open_store(load_settings().store_url)) if run.pipeline in wanted]
    if as_json:
        print_json({"runs": [asdict(run) for run in last]})
    elif as_markdown:
        typer.echo(as_page(last))
    else:
        print_table("Last runs", ("pipeline", "status", "began (UTC)", "took", "counts"), map(as_row, last))
    if not last:
        note("nothing has run yet: try `segue sandbox -- segue nightly`")
