"""The record of runs: what each pipeline did, and whether its input has changed since."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import pandas as pd

from segue.groups import RUNS
from segue.store import FeatureStore

PIPELINES = ("features", "train", "listens", "playlists")
"""In the order of a night."""


@dataclass(frozen=True)
class Run:
    """A run of a pipeline, with nothing about any one listener.

    Attributes
    ----------
    pipeline : str
        One of `PIPELINES`.
    status : str
        ``"done"`` or ``"failed"``; a run that is still under way counts as failed until it is done.
    started_at : datetime
    seconds : float
        How long it took.
    report : dict
        Its counts, as the pipeline wrote them.
    """

    pipeline: str
    status: str
    started_at: datetime
    seconds: float
    report: Mapping[str, Any]


@contextmanager
def recorded_run(
    store: FeatureStore,
    pipeline: str,
    fingerprint: str | None = None,
    *,
    for_all: bool = True,
    known: Mapping[str, Any] | None = None,
) -> Iterator[dict[str, Any]]:
    """Record a run of `pipeline`; the body fills the dict it is given with counts and metrics.

    Parameters
    ----------
    store : FeatureStore
        Where the record is kept.
    pipeline : str
        One of the pipelines that `RUNS` names.
    fingerprint : str, optional
        Hash of everything that decides the result; `last_fingerprint` finds it again.
    for_all : bool
        What is run for one listener leaves no record: it says something of them, and nothing of the night.
    known : mapping, optional
        What the report says from the start, also that of a run that is killed.
    """
    report: dict[str, Any] = {**(known or {})}
    if not for_all:
        yield report
        return
    row = {"run_id": uuid.uuid4().hex, "pipeline": pipeline, "fingerprint": fingerprint, "started_at": _now()}

    def record(status: str) -> None:
        ended = {"status": status, "report": json.dumps(report, ensure_ascii=False), "finished_at": _now()}
        store.upsert(RUNS, pd.DataFrame([row | ended]))

    # A run that is killed has failed: until it ends well, nothing may be taken for its result.
    record("failed")
    try:
        yield report
    except BaseException:
        record("failed")
        raise
    record("done")


def last_fingerprint(store: FeatureStore, pipeline: str) -> str | None:
    """Return the fingerprint of the last run of `pipeline`, if it ended well and had one."""
    runs = store.read(RUNS, ["fingerprint", "status", "started_at"], {"pipeline": pipeline})
    if runs.empty:
        return None
    last = runs.sort_values("started_at").iloc[-1]
    return None if last["status"] != "done" or pd.isna(last["fingerprint"]) else str(last["fingerprint"])


def was_cut_short(store: FeatureStore, pipeline: str, fingerprint: str) -> bool:
    """Return whether the last run of `pipeline` with this fingerprint has not ended well."""
    runs = store.read(RUNS, ["status", "started_at"], {"pipeline": pipeline, "fingerprint": fingerprint})
    return not runs.empty and bool(runs.sort_values("started_at")["status"].iloc[-1] != "done")


def last_runs(store: FeatureStore) -> tuple[Run, ...]:
    """Return the last run of each pipeline that has ever run, in the order of `PIPELINES`."""
    last = store.read(RUNS).sort_values("started_at").groupby("pipeline").tail(1)
    found = {row["pipeline"]: _run(row) for _, row in last.iterrows()}
    return tuple(found[name] for name in PIPELINES if name in found)


def _run(row: pd.Series) -> Run:
    seconds = (row["finished_at"] - row["started_at"]).total_seconds()
    return Run(str(row["pipeline"]), str(row["status"]), row["started_at"], seconds, json.loads(row["report"]))


def _now() -> datetime:
    return datetime.now(timezone.utc)
