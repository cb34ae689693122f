"""A real Dask cluster on this machine: a scheduler and its workers, programs of their own that speak TCP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

DASK = [sys.executable, "-m", "dask"]
START_SECONDS = 120


@dataclass(frozen=True)
class Cluster:
    """A cluster.

    Attributes
    ----------
    address : str
        Of the scheduler.
    workers : list of Popen
    """

    address: str
    workers: list[subprocess.Popen[bytes]]


def start_cluster(running: ExitStack, folder: Path, workers: int, failures: int = 3) -> Cluster:
    """Start a scheduler and some workers, with the environment as it is now.

    Parameters
    ----------
    running : ExitStack
        What stops them.
    folder : Path
        For their files.
    failures : int
        After so many more deaths of the worker that tries it, Dask gives a task up.
    """
    environment = {**os.environ, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(failures)}

    def program(*arguments: str) -> subprocess.Popen[bytes]:
        command = [*DASK, *arguments, "--host", "127.0.0.1", "--no-dashboard"]
        with (folder / f"{arguments[0]}.log").open("ab") as log:
            started = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        running.callback(started.wait)
        running.callback(started.kill)
        return started

    file = folder / "scheduler.json"
    scheduler = program("scheduler", "--port", "0", "--scheduler-file", str(file))
    for _ in range(START_SECONDS * 10):
        if file.exists() and file.read_text().endswith("}"):
            break
        if scheduler.poll() is not None:
            pytest.fail("Dask's scheduler did not start")
        time.sleep(0.1)
    address = str(json.loads(file.read_text())["address"])
    places = [str(folder / f"worker-{number}") for number in range(workers)]
    one = ("--nthreads", "1", "--no-nanny", "--local-directory")
    return Cluster(address, [program("worker", address, *one, place) for place in places])
