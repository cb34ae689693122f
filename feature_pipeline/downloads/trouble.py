"""What can go wrong with a download, in words that help."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

    from feature_pipeline.sources.hub import Hub

PATIENCE = 5.0
"""Seconds that a hub has to show that it is there."""

CLIENTS = {"huggingface_hub", "kagglehub", "kagglesdk", "requests", "urllib3", "httpx", "httpx2", "httpcore", "zipfile"}
"""The modules whose errors tell of the hub or the network, in whichever version of the client libraries."""

UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 401, 403, 404
ELSEWHERE = "set SEGUE_DATA_DIR (or --data-dir) to a folder that holds the dataset's files"
ELSEWHERE_ON_DISK = "set SEGUE_VAR to a folder elsewhere"
LOGINS = {
    "kaggle": "put an API token from https://www.kaggle.com/settings into KAGGLE_API_TOKEN and accept the terms at "
    "https://www.kaggle.com/datasets/{name}",
    "huggingface": "put a token from https://huggingface.co/settings/tokens into HF_TOKEN and accept the terms at "
    "https://huggingface.co/datasets/{name}",
    "web": "check that {name} is public",
}


class UnreachableError(Exception):
    """The hub does not answer at all."""


class MissingError(Exception):
    """The hub answers that it has no such dataset."""


@dataclass(frozen=True)
class Trouble:
    """Why a download failed.

    Attributes
    ----------
    problem : str
        What is wrong.
    advice : str
        What to do about it.
    """

    problem: str
    advice: str


def knock(call: Callable[[], object]) -> None:
    """Make a first, small call to a hub; fail within seconds if nobody answers.

    The call runs in a thread that may be left behind: looking up a name and trying one address after another take
    minutes where packets vanish, and no library's time-out covers both.

    Raises
    ------
    UnreachableError
        If there is no answer.
    Exception
        What the call raised, if the hub answered and refused, or if it is no trouble of the network's.
    """
    outcomes: list[Exception | None] = []

    def run() -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001 - handed over to the waiting thread
            outcomes.append(error)
        else:
            outcomes.append(None)

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if not outcomes:
        raise UnreachableError
    if (error := outcomes[0]) is not None:
        answered = _status(error) is not None or isinstance(error, MissingError)
        raise error if answered or not is_trouble(error) else UnreachableError from error


def is_trouble(error: Exception) -> bool:
    """Return whether an error tells of the hub, the network or the disk; any other is a fault in a program."""
    libraries = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
    return isinstance(error, OSError | MissingError | UnreachableError) or bool(libraries & CLIENTS)


def understand(error: Exception, hub: Hub) -> Trouble:
    """Return what an error of a client library means for the person who waits for the dataset."""
    status = _status(error)
    if isinstance(error, MissingError):
        status = NOT_FOUND
    if status is not None:
        return _refusal(status, hub)
    if isinstance(error, UnreachableError):
        return Trouble(f"{_place(hub)} cannot be reached", f"check the network, or {ELSEWHERE}")
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return Trouble(f"the disk is full, no room for {hub.name}", f"free some space, or {ELSEWHERE_ON_DISK}")
    if isinstance(error, OSError) and error.filename is not None:
        return Trouble(f"{error.filename}: {error.strerror}", f"check its permissions, or {ELSEWHERE_ON_DISK}")
    return Trouble(
        f"the download of {hub.name} from {_place(hub)} broke off ({_reason(error)})",
        f"run the same command again, or {ELSEWHERE}",
    )


def _refusal(status: int, hub: Hub) -> Trouble:
    if status == NOT_FOUND:
        return Trouble(
            f"{_place(hub)} has no {hub.name} with {', '.join(hub.files)}", f"check the name, or {ELSEWHERE}"
        )
    if status in {UNAUTHORIZED, FORBIDDEN}:
        login = LOGINS[hub.kind].format(name=hub.name)
        return Trouble(f"{_place(hub)} wants a login for {hub.name}", f"{login}, or {ELSEWHERE}")
    return Trouble(f"{_place(hub)} is out of order (HTTP {status})", f"try again later, or {ELSEWHERE}")


def _place(hub: Hub) -> str:
    return {"huggingface": "Hugging Face", "kaggle": "Kaggle"}.get(hub.kind) or urlsplit(hub.name).hostname or hub.name


def _reason(error: BaseException) -> str:
    """Return the words inside errors that were wrapped in one another."""
    inner = error.args[0] if error.args else ""
    return _reason(inner) if isinstance(inner, BaseException) else " ".join(str(inner).split()) or type(error).__name__


def _status(error: Exception) -> int | None:
    """Return the HTTP status of an error: each client library has its own kinds, all with a `response`."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    return status if isinstance(status, int) else None
