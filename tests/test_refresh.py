"""Refreshing one listener's playlists now: by the real commands, against the real sandbox."""

from __future__ import annotations

import os
import signal
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.playlists.refresh import Refresh, Refreshes
from app.playlists.refresh_outcome import LOG_IN, NO_CALLS, NOTHING_KNOWN, problem_of
from app.playlists.refresh_progress import progress
from app.playlists.steering import change_wishes
from inference_pipeline.kept import Kept, write_kept
from inference_pipeline.wishes import Wishes
from segue.errors import InputError
from segue.groups import LISTENERS, LISTENS, RECOMMENDATIONS, TRACKS
from segue.models.catalog import read_catalog
from segue.models.choice import fit_model
from segue.models.content import place_by_content
from segue.registry import FolderRegistry
from segue.runs import last_runs
from segue.sandbox.address import environment
from segue.sandbox.faults import InvalidGrant, QuotaExceeded
from segue.settings import load_settings
from segue.spotify.retention import forget

if TYPE_CHECKING:
    from segue.sandbox.server import Sandbox
    from segue.store import FeatureStore

pytest_plugins = ("sandbox_fixture",)

JUNIPER = "sandbox-juniper"
PATIENCE = 120


@pytest.fixture
def refreshes(store: FeatureStore, connected: Sandbox) -> Refreshes:
    """Return the refreshes of an app whose Spotify is the sandbox; a model is registered."""
    recordings = read_catalog(store, TRACKS.columns.keys() - {"track_id", "recording_id"}).recordings
    model = fit_model("hybrid", place_by_content(recordings), [])
    FolderRegistry(load_settings().models_dir).save("hybrid", model.save, {}, {})
    return Refreshes("2 per hour", {**os.environ, **environment(connected.port)})


def ended(refresh: Refresh) -> set[str]:
    """Wait for the end of a refresh, and return the command lines that everybody on the machine could read until then.

    They are read again and again: that is all there is to wait for.
    """
    seen = set()
    deadline = time.monotonic() + PATIENCE
    while refresh.running and time.monotonic() < deadline:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                seen.add(path.read_text(errors="replace"))
            except OSError:
                continue
        time.sleep(0.05)
    assert not refresh.running
    return seen


def test_only_that_listener_is_refreshed(store: FeatureStore, refreshes: Refreshes) -> None:
    """By what they wish; who it is stands on no command line, and how far it is can be told from the store."""
    wishes = Wishes(playlists=("discover", "calm"), length=20)
    change_wishes(store, load_settings(), JUNIPER, lambda _: wishes)
    refresh = refreshes.start(JUNIPER)
    assert refreshes.start(JUNIPER) is refresh
    lines = ended(refresh)
    assert refresh.problem == ""
    assert any("listens\0--json" in line for line in lines)
    assert not any("juniper" in line for line in lines)
    made = store.read(RECOMMENDATIONS)
    assert set(made["listener_id"]) == set(store.read(LISTENS)["listener_id"]) == {JUNIPER}
    assert made["playlist"].value_counts().to_dict() == {"discover": 20, "calm": 20}
    said = progress(store, JUNIPER, wishes.playlists, refresh)
    assert said == f"2 of 2 playlists refreshed at {refresh.ended_at:%H:%M} UTC."
    # Whoever looks for the last night finds the night.
    assert not {"listens", "playlists"} & {run.pipeline for run in last_runs(store)}
    assert refreshes.of(JUNIPER) is refresh
    assert refreshes.of("sandbox-ingrid") is None


def test_who_disconnects_has_no_refresh_any_more(store: FeatureStore, refreshes: Refreshes) -> None:
    """It ends at once, and nothing is written of them afterwards; whoever connects again begins anew."""
    refresh = refreshes.start(JUNIPER)
    deadline = time.monotonic() + PATIENCE
    while refresh.process is None and time.monotonic() < deadline:
        time.sleep(0.01)
    refreshes.forget(JUNIPER)
    forget(store, JUNIPER)
    assert refresh.process is not None
    assert refresh.process.returncode == -signal.SIGKILL
    ended(refresh)
    assert refreshes.of(JUNIPER) is None
    assert store.read(LISTENS).empty
    for _ in range(2):
        refreshes.start(JUNIPER)
        refreshes.forget(JUNIPER)


def test_what_spotify_refuses_is_said_in_plain_words(
    store: FeatureStore, connected: Sandbox, refreshes: Refreshes
) -> None:
    """And nothing that was there is lost; then nobody may ask for more than their share."""
    connected.service.faults.add(InvalidGrant(nth=1))
    first = refreshes.start(JUNIPER)
    ended(first)
    assert first.problem == LOG_IN
    connected.service.faults.add(QuotaExceeded(nth=1))
    second = refreshes.start("sandbox-ingrid")
    ended(second)
    assert second.problem == NO_CALLS
    assert store.read(RECOMMENDATIONS).empty
    assert len(store.read(LISTENERS)) > 1
    ended(refreshes.start(JUNIPER))
    with pytest.raises(InputError, match=r"refresh again in \d+ minutes"):
        refreshes.start(JUNIPER)


@pytest.mark.parametrize(
    ("status", "said", "noted", "problem"),
    [
        (0, '{"listeners": [], "must_log_in": [], "failed": [], "deferred": [], "stopped": null}', "", ""),
        (0, '{"listeners": [], "must_log_in": ["Ada"], "failed": [], "deferred": [], "stopped": null}', "", LOG_IN),
        (0, '{"listeners": [], "must_log_in": [], "failed": [], "deferred": ["Ada"], "stopped": null}', "", NO_CALLS),
        (
            1,
            '{"listeners": [], "must_log_in": [], "failed": [{"error": "no answer"}], "deferred": [], "stopped": null}',
            "",
            "No answer.",
        ),
        (
            1,
            (
                '{"playlists": [{"playlist": "calm", "failed": true, "status": "failed: gone"}, '
                '{"playlist": "party", "failed": false, "status": "published"}], "deferred": [], "stopped": null}'
            ),
            "",
            "Segue Calm: Gone.",
        ),
        (
            0,
            (
                '{"playlists": [{"playlist": "", "failed": false, "status": "nothing known"}], '
                '"deferred": [], "stopped": null}'
            ),
            "",
            NOTHING_KNOWN,
        ),
        (1, "", "note\nerror: no model 'hybrid': run `segue train`\n", "No model 'hybrid': run `segue train`."),
        (-9, "", "", "It was interrupted. Please try again."),
    ],
)
def test_what_came_of_a_command_is_told(status: int, said: str, noted: str, problem: str) -> None:
    """By its report, or by the last thing that it complained of."""
    assert problem_of(status, said, noted) == problem


def test_how_far_it_is(store: FeatureStore) -> None:
    """What the listener has removed is not waited for, and what was made before does not count."""
    refresh = Refresh()
    wanted = ["familiar", "discover"]
    assert progress(store, "ada", wanted, refresh) == "Waiting for a free place …"
    refresh.step = "listens"
    assert progress(store, "ada", wanted, refresh) == "Asking Spotify what you have been playing …"
    refresh.step = "playlists"
    assert progress(store, "ada", wanted, refresh) == "Choosing songs: 0 of 2 playlists done …"
    refresh.problem = "Spotify is away."
    assert progress(store, "ada", wanted, refresh) == "Spotify is away."


def test_a_removed_playlist_is_not_waited_for(store: FeatureStore, connected: Sandbox) -> None:
    """It is left alone until the listener brings it back."""
    assert connected.port
    now = datetime.now(timezone.utc)
    write_kept(store, JUNIPER, "familiar", Kept(id="0" * 22, removed_at=now))
    refresh = Refresh(step="playlists", ended_at=now + timedelta(minutes=1))
    assert progress(store, JUNIPER, ["familiar", "discover"], refresh).startswith("0 of 1 playlist refreshed")
