"""The command that serves the app."""

from __future__ import annotations

from typing import Annotated

import typer

program = typer.Typer(add_completion=False, rich_markup_mode=None)


@program.command()
def app(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; without one 7860, or a free one.")
    ] = None,
) -> None:
    """Serve the app: playlists with a reason for every track.

    \b
    Example:
      segue app --port 8080
    """
    from app.server import serve
    from segue.settings import load_settings

    serve(load_settings(), host, port)
