"""Running a program and watching how much memory it takes, with all the processes that it starts."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from threading import Event, Thread

from segue.errors import SegueError

EVERY = 0.25
"""Seconds between two looks."""
KB = 1 / 1000


@dataclass(frozen=True)
class Watched:
    """What a program took.

    Attributes
    ----------
    output : str
        What it printed.
    cpu : float
        Seconds of the processor, with those of all processes that it waited for.
    largest : float
        The most memory that any one of the processes had (``ru_maxrss``), in MB.
    together : float
        The most that all of them had at once, in MB: what they share counts once. It is looked at four times a second,
        and only on Linux; elsewhere 0.
    """

    output: str
    cpu: float
    largest: float
    together: float

    @property
    def peak(self) -> float:
        """The most memory, in MB."""
        return max(self.largest, self.together)


def watch(arguments: Sequence[str], environment: Mapping[str, str]) -> Watched:
    """Run Python with `arguments` to its end; what it says on standard error is passed on.

    Raises
    ------
    SegueError
        If it fails.
    """
    with TemporaryFile("w+") as output:
        program = subprocess.Popen(
            [sys.executable, *arguments], stdout=output, env={**os.environ, **environment}, start_new_session=True
        )
        done = Event()
        most = [0.0]
        looking = Thread(target=_look, args=(program.pid, done, most), daemon=True)
        looking.start()
        try:
            # It tells what this one process has used, whatever others were run before.
            _, status, used = os.wait4(program.pid, 0)
        except BaseException:
            os.killpg(program.pid, signal.SIGKILL)
            raise
        finally:
            done.set()
            looking.join()
        program.returncode = os.waitstatus_to_exitcode(status)
        if program.returncode:
            raise SegueError(f"`python {' '.join(arguments)}` failed ({program.returncode}): see above")
        output.seek(0)
        text = output.read()
    unit = 1e-6 if sys.platform == "darwin" else KB
    return Watched(text, used.ru_utime + used.ru_stime, used.ru_maxrss * unit, most[0])


def _look(pid: int, done: Event, most: list[float]) -> None:
    while not done.wait(EVERY):
        most[0] = max(most[0], sum(map(_share, _family(pid))))


def _family(session: int) -> list[int]:
    """Return the processes of a session: a program that leads one, and all that it has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The name, in parentheses, may hold anything; the session is the fourth field after it.
            if int(stat.read_text().rpartition(")")[2].split()[3]) == session:
                found.append(int(stat.parent.name))
    return found


def _share(pid: int) -> float:
    """Return a process's proportional share of memory in MB: 0 where it has ended, or this is not Linux."""
    try:
        found = re.search(r"^Pss:\s+(\d+) kB$", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    except OSError:
        return 0.0
    return int(found[1]) * 1.024 * KB if found else 0.0
