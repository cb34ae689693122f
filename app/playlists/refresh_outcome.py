"""What came of a command that refreshes one listener's playlists, in plain words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from app.wording import sentence
from inference_pipeline.playlist_kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LOG_IN = "Spotify wants you to log in again."
NO_CALLS = "Spotify takes no more calls from Segue for now. Your playlists are refreshed on one of the next nights."
SOMETHING = "It was interrupted. Please try again."
NOTHING_KNOWN = "Segue does not know yet what you play. Listen to some music on Spotify first."


def problem_of(status: int, said: str, noted: str) -> str:
    """Return why a command did not do what it should, in sentences; nothing where it did.

    Parameters
    ----------
    status : int
        The exit status of ``segue listens --json`` or ``segue playlists --json``.
    said, noted : str
        What it wrote to standard output and standard error.
    """
    try:
        report = json.loads(said)
    except ValueError:
        return _last_error(noted)
    if report["deferred"] or report["stopped"]:
        return NO_CALLS
    problems = list(_of_listens(report) if "listeners" in report else _of_playlists(report["playlists"]))
    return " ".join(problems) or (SOMETHING if status else "")


def _of_listens(report: Mapping[str, Any]) -> Iterator[str]:
    if report["must_log_in"]:
        yield LOG_IN
    for failed in report["failed"]:
        yield sentence(failed["error"])


def _of_playlists(served: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for one in served:
        kind, status = KINDS.get(one["playlist"]), sentence(one["status"].removeprefix("failed: "))
        if one["failed"]:
            yield f"{kind.title}: {status}" if kind else status
        elif kind is None:
            yield LOG_IN if "log in" in status else NOTHING_KNOWN


def _last_error(noted: str) -> str:
    errors = [line.removeprefix("error: ") for line in noted.splitlines() if line.startswith("error: ")]
    return sentence(errors[-1]) if errors else SOMETHING
