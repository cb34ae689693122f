"""What a cluster remembers, how tests look into it, and what they make go wrong."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Annotated, Any

from fastapi import Depends, Request

PROJECT_ID, STORE_ID = 119, 67
USERNAME = "meb10000"


class Refusal(Exception):  # noqa: N818 - it is an answer, not a failure
    """The server says no.

    Parameters
    ----------
    status : int
        Of HTTP.
    code : int
        Hopsworks' own, such as 270009.
    message : str
        What the client shows as "error msg".
    details : str
        What the client shows as "user msg".
    """

    def __init__(self, status: int, code: int, message: str, details: str = "") -> None:
        self.status, self.code, self.message, self.details = status, code, message, details
        super().__init__(message)


@dataclass
class Fault:
    """Something that goes wrong with the next calls of one kind.

    Attributes
    ----------
    call : str
        Regular expression for method and path, found anywhere in, say, ``"POST /project/119/featurestores/67/…"``.
    refusal : Refusal, optional
        What is answered; None lets the call through, after the delay.
    after : bool
        Whether the call is carried out all the same, and only its answer is lost.
    delay : float
        Seconds that pass first.
    times : int
        How many calls it spoils.
    """

    call: str
    refusal: Refusal | None = None
    after: bool = False
    delay: float = 0.0
    times: int = 1


@dataclass(frozen=True)
class Call:
    """A call that was made: method, path below the API's root, query (a read's order), and status."""

    method: str
    path: str
    query: str
    status: int

    def __str__(self) -> str:
        return f"{self.method} {self.path}{'?' if self.query else ''}{self.query} → {self.status}"


@dataclass
class Cluster:
    """A cluster with one project.

    Attributes
    ----------
    folder : Path
        Where everything is kept: ``tables/`` for Delta tables, ``datasets/`` for files.
    host, port
        Where it answers over HTTPS; Arrow Flight is on port 5005 of the same host, as everywhere.
    project, key : str
        The project's name and the one API key that is known.
    scopes : set of str
        What the key is good for.
    query_service : str
        The host that clients are told for reading; empty for the cluster's own.
    groups : list of dict
        The feature groups, as the server describes them.
    kept : dict
        What other routers remember, by a name of theirs.
    faults : list of Fault
        What goes wrong next.
    calls : list of Call
        Every call, the oldest first; reads over Arrow Flight are there with method ``FLIGHT``.
    """

    folder: Path
    host: str
    port: int
    project: str = "segue_test"
    key: str = "pK4FGx0yzYwpIVVO.f0dGwZ9nXQbGu0CklYdBc3SKUhP2qXlUNEyjvzbqT7mJeRaiWoHsMA1Lt8rZpFbDx"
    scopes: set[str] = field(
        default_factory=lambda: {
            *("PROJECT", "FEATURESTORE", "JOB", "KAFKA", "MODELREGISTRY"),
            *("DATASET_VIEW", "DATASET_CREATE", "DATASET_DELETE"),
        }
    )
    query_service: str = ""
    groups: list[dict[str, Any]] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    @property
    def tables(self) -> Path:
        """The folder of the Delta tables."""
        return self.folder / "tables"

    @property
    def datasets(self) -> Path:
        """The folder of the project's datasets, such as ``Models/``."""
        return self.folder / "datasets"

    @property
    def environment(self) -> dict[str, str]:
        """The settings of whoever works with this cluster."""
        return {
            "HOPSWORKS_HOST": self.host,
            "HOPSWORKS_PORT": str(self.port),
            "HOPSWORKS_API_KEY": self.key,
            "HOPSWORKS_TRUST_STORE_PATH": str(self.folder / "ca.pem"),
        }

    def forget(self) -> None:
        """Be as new: no data, no faults, no calls, and a key that is good for everything it needs."""
        fresh = Cluster(self.folder, self.host, self.port)
        self.scopes, self.groups, self.kept = fresh.scopes, fresh.groups, fresh.kept
        self.faults, self.calls, self.query_service = fresh.faults, fresh.calls, fresh.query_service
        for folder in (self.tables, self.datasets):
            shutil.rmtree(folder, ignore_errors=True)

    def next_fault(self, call: str) -> Fault | None:
        """Return the fault that spoils `call`, such as ``"GET /variables/versions"``, and count it down."""
        with self.lock:
            for fault in self.faults:
                if fault.times > 0 and re.search(fault.call, call):
                    fault.times -= 1
                    return fault
        return None

    def made(self, call: str) -> list[Call]:
        """Return the calls whose method and path a regular expression is found in."""
        return [each for each in list(self.calls) if re.search(call, f"{each.method} {each.path}")]


def _cluster(request: Request) -> Cluster:
    found: Cluster = request.app.state.cluster
    return found


The = Annotated[Cluster, Depends(_cluster)]
"""A route's parameter ``cluster: The`` is the cluster."""
