"""Running a command against the sandbox, and waiting for the end."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from types import FrameType

from segue.errors import InputError
from segue.sandbox.address import environment

Handler = Callable[[int, FrameType | None], None]
ENDING = (signal.SIGINT, signal.SIGTERM)


def run_command(command: Sequence[str], port: int) -> int:
    """Run `command` with the sandbox at `port` as its Spotify, and return its exit status.

    Raises
    ------
    InputError
        If there is no such command.
    """
    try:
        child = subprocess.Popen(command, env={**os.environ, **environment(port)})  # noqa: S603 - the user's own command
    except FileNotFoundError:
        raise InputError(f"no command {command[0]!r}: write `segue sandbox -- segue listens`, for example") from None

    def pass_on(number: int, _: FrameType | None) -> None:
        # Ctrl-C reaches the whole group, the child included; only what was sent to us alone must be passed on.
        if number != signal.SIGINT:
            child.send_signal(number)

    with _handling(pass_on):
        status = child.wait()
    return status if status >= 0 else 128 - status


@contextmanager
def ending() -> Iterator[Event]:
    """Give an event that Ctrl-C and SIGTERM set, instead of what they do otherwise, until the block ends."""
    ended = Event()
    with _handling(lambda *_: ended.set()):
        yield ended


@contextmanager
def _handling(handler: Handler) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in ENDING}
    try:
        yield
    finally:
        for number, handled in before.items():
            signal.signal(number, handled)
