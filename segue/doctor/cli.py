"""The command `segue doctor`. Heavy modules are imported inside, so that `--help` answers at once."""

from __future__ import annotations

from typing import Annotated

import typer

from segue.console import JsonFlag


def doctor(
    live: Annotated[
        bool, typer.Option("--live", help="On Hopsworks, also make, write, read and remove a feature group.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Check that everything is set up; say what to do.

    One line each: "ok"; "note" where something is not there yet or could not be looked at; "fix" where something must
    be done, with exit status 1. No secret is shown.

    \b
    Examples:
      segue doctor
      SEGUE_STORE=hopsworks://segue segue doctor --live
    """
    from dataclasses import asdict

    from segue.console import print_json
    from segue.doctor.examination import examine

    found = []
    for name, finding in examine(live):
        found.append({"check": name, **asdict(finding)})
        if not as_json:
            print(f"{finding.state:<4}  {name}: {finding.message}", flush=True)
    if as_json:
        print_json({"checks": found})
    if any(each["state"] == "fix" for each in found):
        raise typer.Exit(1)
