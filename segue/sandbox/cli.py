"""The command `segue sandbox`. Heavy modules are imported inside, so that `--help` answers at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segue.sandbox import DEFAULT_PORT


def sandbox(
    command: Annotated[list[str] | None, typer.Argument(help="A command to run against it, after --.")] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where to serve without a command; 0: any free port.")
    ] = DEFAULT_PORT,
    faults: Annotated[Path | None, typer.Option(help="TOML file of what goes wrong.", metavar="FILE")] = None,
) -> None:
    """Serve a stand-in for Spotify with made-up listeners.

    No account is needed. With a command it is there for as long as the command runs; without one, until Ctrl-C.

    With --faults it goes wrong as Spotify does: limits, errors before and after a write, dropped connections, ended
    consent. A plan is a list of rules; docs/sandbox.md describes them all.

    \b
    A plan:
      seed = 7
      [[rules]]
      fault = "unavailable"
      calls = "PUT /v1/playlists/*/items"
      after_effect = true
      probability = 0.1

    \b
    Examples:
      segue sandbox -- segue nightly
      segue sandbox
      segue sandbox --faults plan.toml -- segue nightly
    """
    from segue.console import note
    from segue.errors import SettingsError
    from segue.sandbox.command import ending, run_command
    from segue.sandbox.connect import connect_people
    from segue.sandbox.plan import Plan, load_plan
    from segue.sandbox.server import serving
    from segue.settings import load_settings
    from segue.store import open_store

    settings = load_settings()
    if settings.spotify_client_id and not settings.store_url.startswith("sqlite:"):
        raise SettingsError(
            "SEGUE_STORE is shared with real listeners, and made-up ones would be among them; keep the sandbox's in a "
            "file: SEGUE_STORE=sqlite:///var/sandbox.db segue sandbox"
        )
    plan = load_plan(faults) if faults else Plan()
    with serving(settings, 0 if command else port) as running:
        connected = connect_people(open_store(settings.store_url), running.settings)
        note(f"sandbox: {connected} made-up listeners connected" if connected else "sandbox: listeners are connected")
        running.service.faults.follow(plan)
        if command:
            raise typer.Exit(run_command(command, running.port))
        with ending() as ended:
            note(f"sandbox: http://127.0.0.1:{running.port}, until Ctrl-C; now run {_hint(running.port)}")
            ended.wait()


def _hint(port: int) -> str:
    if port == DEFAULT_PORT:
        return "`segue listens` in another terminal, for example"
    origin = f"http://127.0.0.1:{port}"
    return f"`SPOTIFY_API_URL={origin}/v1 SPOTIFY_ACCOUNTS_URL={origin} segue listens` in another terminal, for example"
