"""The command `segue promote`. Heavy modules are imported inside, so that `--help` answers at once."""

from __future__ import annotations

from typing import Annotated

import typer

from segue.console import JsonFlag, note, print_json


def promote(
    version: Annotated[str, typer.Argument(metavar="NAME@VERSION", help="Such as hybrid@3 or hybrid@latest.")],
    as_json: JsonFlag = False,
) -> None:
    """Make a registered version the best, which recommends.

    The gate is not asked. For when a version was refused for a reason that is none, such as a larger catalog in which
    everything is harder to find, and for going back to an older one. The next version is compared with this one.

    \b
    Example:
      segue promote hybrid@3
    """
    from segue.errors import InputError
    from segue.models.blend import Blend
    from segue.registry import open_registry
    from segue.settings import load_settings

    registry = open_registry(load_settings())
    name, _, number = version.partition("@")
    if number != "latest" and not number.isdecimal():
        raise InputError(f"{version!r} names no version to promote: write {name}@3 or {name}@latest")
    model = registry.find(version)
    # What cannot be opened would recommend nothing to anybody.
    Blend.load(model.path)
    registry.promote(model)
    if as_json:
        print_json({"best": model.label})
    note(f"{model.label} is now the best version")
