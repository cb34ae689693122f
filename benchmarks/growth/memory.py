"""Running a program and watching how much memory it takes, with all the processes that it starts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from threading import Event, Thread

import psutil

from segue.errors import SegueError

EVERY = 0.25
"""Seconds between two looks."""
HIGH_WATER = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
"""How Linux tells the most memory that a process has had; its ``ru_maxrss`` would be no less than its parent's."""


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
        The most memory that any one of the processes had, in MB.
    together : float
        The most that all of them had at once, in MB: what they share counts once. Both are looked at four times a
        second.
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
        program = subprocess.Popen([sys.executable, *arguments], stdout=output, env={**os.environ, **environment})
        done = Event()
        most = [0.0, 0.0]
        looking = Thread(target=_look, args=(program.pid, done, most), daemon=True)
        looking.start()
        try:
            # It tells what this one process has used, whatever others were run before.
            _, status, used = os.wait4(program.pid, 0)
        except BaseException:
            program.kill()
            raise
        finally:
            done.set()
            looking.join()
        program.returncode = os.waitstatus_to_exitcode(status)
        if program.returncode:
            raise SegueError(f"`python {' '.join(arguments)}` failed ({program.returncode}): see above")
        output.seek(0)
        text = output.read()
    return Watched(text, used.ru_utime + used.ru_stime, *most)


def _look(pid: int, done: Event, most: list[float]) -> None:
    while not done.wait(EVERY):
        most[:] = map(max, most, _held(pid))


def _held(pid: int) -> tuple[float, float]:
    """Return the most that a process or any that descends from it has had, and what all have now, in MB."""
    largest = total = 0.0
    with suppress(psutil.NoSuchProcess):
        program = psutil.Process(pid)
        for process in (program, *program.children(recursive=True)):
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                memory = process.memory_full_info()
                largest = max(largest, _high_water(process))
                # What several share counts once: where that is not told, not at all.
                total += getattr(memory, "pss", memory.uss) / 1e6
    return largest, total


def _high_water(process: psutil.Process) -> float:
    with suppress(OSError):
        found = HIGH_WATER.search(Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8"))
        if found:
            return int(found[1]) * 1024e-6
    return float(process.memory_info().rss / 1e6)
