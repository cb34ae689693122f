"""Refreshing one listener's playlists now, beside the app: by the commands that do it every night."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from tempfile import TemporaryFile
from threading import BoundedSemaphore, Lock, Thread
from typing import TYPE_CHECKING

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from app.playlists.refresh_outcome import problem_of
from segue.errors import InputError
from segue.nightly import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Mapping

STEPS = ("listens", "playlists")
AT_ONCE = 2
"""So many refreshes run at the same time; the others wait."""
MOST_WAITING = 20
LONGEST = timedelta(minutes=15)
REMEMBERED = timedelta(hours=1)


@dataclass
class Refresh:
    """One refresh of one listener's playlists.

    Attributes
    ----------
    started_at : datetime
        When it was asked for; what was made later was made by it.
    step : str
        The command that runs now; empty while it waits.
    ended_at : datetime or None
    problem : str
        Why it ended early, in a sentence; empty where all went well.
    dropped : bool
        Whether nobody wants it any more.
    process : Popen, optional
        Of the command that runs now; the last one where none does.
    lock : Lock
        Held while a command is begun.
    """

    started_at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    step: str = ""
    ended_at: datetime | None = None
    problem: str = ""
    dropped: bool = False
    process: subprocess.Popen[bytes] | None = None
    lock: Lock = field(default_factory=Lock)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None

    def drop(self) -> None:
        """End it at once: every command may be killed at any point."""
        with self.lock:
            self.dropped = True
        if self.process is not None:
            self.process.kill()
            self.process.wait()


class Refreshes:
    """The refreshes that listeners asked for, in this process's memory; each goes on when its browser tab is closed.

    Parameters
    ----------
    most : str
        How often one listener may ask: each refresh takes some of the calls of Spotify that all share.
    environment : mapping, optional
        Environment of the commands; this process's own by default.
    """

    def __init__(self, most: str = "4 per hour", environment: Mapping[str, str] | None = None) -> None:
        self._most = parse(most)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._environment = environment
        self._places = BoundedSemaphore(AT_ONCE)
        self._by_listener: dict[str, Refresh] = {}
        self._lock = Lock()

    def of(self, listener_id: str) -> Refresh | None:
        """Return a listener's refresh: the one that runs, or the last one, for an hour."""
        with self._lock:
            self._forget_old()
            return self._by_listener.get(listener_id)

    def start(self, listener_id: str) -> Refresh:
        """Refresh a listener's playlists; where that is under way already, it is not done twice.

        Raises
        ------
        InputError
            If they asked too often, or too many listeners wait.
        """
        with self._lock:
            self._forget_old()
            current = self._by_listener.get(listener_id)
            if current is not None and current.running:
                return current
            if sum(refresh.running for refresh in self._by_listener.values()) >= AT_ONCE + MOST_WAITING:
                raise InputError("many people are refreshing just now: try again in some minutes")
            if not self._limiter.hit(self._most, listener_id):
                raise InputError(f"that is enough for now: refresh again in {self._wait(listener_id)} minutes")
            refresh = self._by_listener[listener_id] = Refresh()
        # Whoever stops the app does not wait for it: every command may be ended at any point.
        Thread(target=self._run, args=(listener_id, refresh), daemon=True).start()
        return refresh

    def forget(self, listener_id: str) -> None:
        """End a listener's refresh, and forget it as if there had been none: nothing is written of them after this."""
        with self._lock:
            refresh = self._by_listener.pop(listener_id, None)
            self._limiter.clear(self._most, listener_id)
        if refresh is not None:
            refresh.drop()

    def _run(self, listener_id: str, refresh: Refresh) -> None:
        try:
            with self._places:
                for refresh.step in STEPS:
                    refresh.problem = _run_step(refresh, self._surroundings(listener_id))
                    if refresh.problem or refresh.dropped:
                        break
        except Exception as error:
            # Nobody else would notice, and it would look as if all had gone well.
            logging.getLogger(__name__).exception("a refresh broke off")
            refresh.problem = f"Segue could not do it ({type(error).__name__}). Please try again later."
        finally:
            refresh.ended_at = datetime.now(timezone.utc)

    def _surroundings(self, listener_id: str) -> dict[str, str]:
        # Not on the command line, which everybody on the machine can read.
        return {**(os.environ if self._environment is None else self._environment), "SEGUE_LISTENER": listener_id}

    def _wait(self, listener_id: str) -> int:
        reset_time = self._limiter.get_window_stats(self._most, listener_id).reset_time
        return max(1, round((reset_time - datetime.now(timezone.utc).timestamp()) / 60))

    def _forget_old(self) -> None:
        oldest = datetime.now(timezone.utc) - REMEMBERED
        for listener_id, refresh in list(self._by_listener.items()):
            if refresh.ended_at is not None and refresh.ended_at < oldest:
                del self._by_listener[listener_id]


def _run_step(refresh: Refresh, surroundings: Mapping[str, str]) -> str:
    # Files, not pipes: should the app end, the command goes on and still has somewhere to write.
    with TemporaryFile("w+", encoding="utf-8") as said, TemporaryFile("w+", encoding="utf-8") as noted:
        command = [sys.executable, "-c", PROGRAM, refresh.step, "--json"]
        with refresh.lock:
            if refresh.dropped:
                return ""
            refresh.process = subprocess.Popen(  # noqa: S603 - Segue itself, with words of ours
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=noted, env=surroundings
            )
        with refresh.process as process:
            try:
                status = process.wait(LONGEST.total_seconds())
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        said.seek(0)
        noted.seek(0)
        return problem_of(status, said.read(), noted.read())
