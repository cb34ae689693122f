"""What `segue playlists` does and prints, listener by listener or in buckets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

from joblib import Parallel

from inference_pipeline.candidates import COLUMNS
from inference_pipeline.libraries import Libraries
from inference_pipeline.night import Night
from inference_pipeline.summary import print_counts, print_served
from segue.console import note
from segue.models.catalog import read_catalog
from segue.spotify.budget import Budget
from segue.spotify.consent import consent_warnings

NOBODY = "no listener is connected: log in at the app's first page, or try `segue sandbox -- segue nightly`"


def serve_one_by_one(night: Night, as_json: bool) -> bool:
    """Serve one listener after the other and print a line for each playlist; return whether all went well."""
    libraries = Libraries(night.settings, read_catalog(night.store, COLUMNS))
    model = libraries.open("hybrid").label
    served, turns = night.one_by_one(libraries)
    print_served(served, model, turns, consent_warnings(night.listeners(), datetime.now(timezone.utc)), as_json)
    if not (served or turns["deferred"] or turns["earlier"]):
        note(NOBODY)
    return not (turns["stopped"] or any(one.failed for one in served))


def serve_in_buckets(night: Night, pool: Callable[[], Parallel], size: int, as_json: bool) -> bool:
    """Serve buckets of at most `size` listeners wherever `pool` does and print counts; return whether all went well."""
    counts = night.in_buckets(pool, size)
    ending = consent_warnings(night.listeners(), datetime.now(timezone.utc))
    print_counts(counts, Budget(night.store, night.settings).left(), len(ending), as_json)
    if not (counts.listeners or counts.deferred):
        note(NOBODY)
    return not (counts.stopped or counts.failed)
