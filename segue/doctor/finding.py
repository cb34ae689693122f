"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One line. It holds no secret, and of a listener neither name nor id.

    Attributes
    ----------
    state : str
        ``"ok"``; ``"note"`` where something is not there yet, or could not be looked at; ``"fix"`` where something must
        be done.
    message : str
        What was found, or what to do.
    """

    state: Literal["ok", "note", "fix"]
    message: str


def ok(message: str) -> Finding:
    """Return that all is well."""
    return Finding("ok", message)


def note(message: str) -> Finding:
    """Return something worth knowing that nothing must be done about."""
    return Finding("note", message)


def fix(message: str) -> Finding:
    """Return what must be done."""
    return Finding("fix", message)
