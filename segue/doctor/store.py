"""Whether the feature store is there, is made as this version makes it, and takes writes."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

import pandas as pd

from segue.doctor.disk import first_there
from segue.doctor.finding import Finding, fix, note, ok
from segue.errors import StoreError
from segue.groups import GROUPS, TRACKS, UNAVAILABLE
from segue.settings import Settings
from segue.store import FeatureStore, open_store
from segue.store.address import without_secrets

TRIAL = {"service": "sandbox", "track_id": "0" * 22}
"""Key of a row that is written, and deleted again. It has expired before: left behind, it is purged by the next run."""


def check_store(settings: Settings) -> Finding:
    """Read every group, and write a row and delete it; on Hopsworks, where that takes long, only ``--live`` writes."""
    url, place = settings.store_url, without_secrets(settings.store_url)
    store = open_store(url)
    file = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite://") and not file.exists():
        if not os.access(first_there(file.parent), os.W_OK | os.X_OK):
            return fix(f"{place} cannot be created: set SEGUE_VAR to a folder of yours")
        return note(f"{place} is not there yet: `segue nightly` makes it")
    for group in GROUPS:
        store.read(group, where={group.primary_key[0]: []})
    written = "read" if url.startswith("hopsworks://") else _write(store)
    tracks = len(store.read(TRACKS, ["track_id"]))
    if not tracks:
        return note(f"{place} can be {written}, and has no tracks yet: `segue features` brings them")
    return ok(f"{place} can be {written}, and has {tracks:,} tracks")


def _write(store: FeatureStore) -> str:
    now = datetime.now(timezone.utc)
    store.upsert(UNAVAILABLE, pd.DataFrame([{**TRIAL, "found_at": now, "expires_at": now}]))
    if len(store.read(UNAVAILABLE, where=TRIAL)) != 1:
        raise StoreError("the store does not give back what was written to it")
    store.delete(UNAVAILABLE, TRIAL)
    return "read and written"
