"""The record of runs: what each pipeline did, and whether its input has changed since."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

import pandas as pd

from segue.groups import RUNS
from segue.store import FeatureStore


@contextmanager
def recorded_run(store: FeatureStore, pipeline: str, fingerprint: str | None = None) -> Iterator[dict[str, Any]]:
    """Record a run of `pipeline`; the body fills the dict it is given with counts and metrics.

    Parameters
    ----------
    store : FeatureStore
        Where the record is kept.
    pipeline : str
        One of the pipelines that `RUNS` names.
    fingerprint : str, optional
        Hash of everything that decides the result; `last_fingerprint` finds it again.
    """
    report: dict[str, Any] = {}
    started_at = _now()
    status = "failed"
    try:
        yield report
        status = "done"
    finally:
        row = {
            "run_id": uuid.uuid4().hex,
            "pipeline": pipeline,
            "status": status,
            "fingerprint": fingerprint,
            "report": json.dumps(report, ensure_ascii=False),
            "started_at": started_at,
            "finished_at": _now(),
        }
        store.upsert(RUNS, pd.DataFrame([row]))


def last_fingerprint(store: FeatureStore, pipeline: str) -> str | None:
    """Return the fingerprint of the last run of `pipeline` that ended well, if there is one."""
    done = store.read(RUNS, ["fingerprint", "finished_at"], {"pipeline": pipeline, "status": "done"})
    if done.empty:
        return None
    last = done.sort_values("finished_at")["fingerprint"].iloc[-1]
    return None if pd.isna(last) else str(last)


def _now() -> datetime:
    return datetime.now(timezone.utc)
