"""Nobody's rows outlive their account or their time, and nobody loses rows who has just connected."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
import typer
from accounts import accounts
from homes import Home
from listening import NOW, feedback_of
from typer.testing import CliRunner, Result

from segue.errors import InputError
from segue.groups import FEEDBACK, LISTENERS, RECOMMENDATIONS, SERVED, FeatureGroup
from segue.spotify.cli import disconnect
from segue.spotify.retention import PERSONAL, REVOKE_PAGE, forget, purge
from segue.store import FeatureStore, open_store

pytest_plugins = ("homes_fixture",)

TRACK_IDS = [f"{number:022}" for number in range(50)]


def served(listener_id: str, days: int, count: int = 50) -> pd.DataFrame:
    """Return tracks that were served to a listener and expire after `days`."""
    return pd.DataFrame(
        {
            "listener_id": listener_id,
            "playlist": "discover",
            "served_on": "2026-11-22",
            "track_id": TRACK_IDS[:count],
            "published": True,
            "expires_at": NOW + timedelta(days=days),
        }
    )


def recommended(listener_id: str, days: int) -> pd.DataFrame:
    """Return tracks that were recommended to a listener and expire after `days`."""
    made = {"score": 0.5, "reason": "Close", "model": "hybrid@1", "made_at": NOW}
    rows = served(listener_id, days).drop(columns=["served_on", "published"])
    return rows.assign(rank=range(1, len(rows) + 1), **made)


def left_of(store: FeatureStore, listener_id: str) -> dict[str, int]:
    """Return how many rows each group has about a listener."""
    groups = (LISTENERS, *PERSONAL)
    return {group.name: len(store.read(group, where={"listener_id": listener_id})) for group in groups}


def run(*arguments: str, answer: str | None = None) -> Result:
    """Run `segue disconnect` as from the command line."""
    program = typer.Typer()
    program.command()(disconnect)
    return CliRunner().invoke(program, arguments, input=answer)


def test_every_group_about_listeners_is_personal() -> None:
    """A group that is added later is deleted, too, when somebody disconnects."""
    assert {"listens", "feedback", "recommendations", "served"} <= {group.name for group in PERSONAL}
    assert all("listener_id" in group.columns for group in PERSONAL)


@pytest.mark.parametrize("first", [LISTENERS, FEEDBACK], ids=lambda group: group.name)
def test_who_connects_while_strangers_are_purged_loses_nothing(
    store: FeatureStore, monkeypatch: pytest.MonkeyPatch, first: FeatureGroup
) -> None:
    """Whichever group was read just before they did."""
    read = store.read

    def connect_after(group: FeatureGroup, *arguments: object, **options: object) -> pd.DataFrame:
        found = read(group, *arguments, **options)  # type: ignore[arg-type]
        if group is first:
            store.upsert(LISTENERS, accounts("Someone"))
            store.upsert(FEEDBACK, feedback_of((0, "like", 0)))
        return found

    monkeypatch.setattr(store, "read", connect_after)
    purge(store, NOW)
    assert len(read(FEEDBACK)) == 1


def test_rows_past_their_time_go_and_no_others(store: FeatureStore) -> None:
    """Of every group with a time to live, whoever's they are; feedback has none and stays."""
    store.upsert(LISTENERS, accounts("Someone", "Other"))
    store.upsert(SERVED, pd.concat([served("someone", 0), served("other", 1)]))
    store.upsert(RECOMMENDATIONS, recommended("other", -1))
    store.upsert(FEEDBACK, feedback_of((0, "like", 0)))
    assert purge(store, NOW) == 100
    assert (left_of(store, "someone")["served"], left_of(store, "other")["served"]) == (0, 50)
    assert store.read(RECOMMENDATIONS).empty
    assert len(store.read(FEEDBACK)) == 1


def test_rows_written_anew_while_others_are_purged_stay(store: FeatureStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program may refresh a listener between the look and the deletion."""
    store.upsert(LISTENERS, accounts("Someone"))
    store.upsert(SERVED, served("someone", -1))
    delete = store.delete

    def refresh_before(group: FeatureGroup, where: dict[str, object]) -> None:
        store.upsert(SERVED, served("someone", 30, count=20))
        delete(group, where)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "delete", refresh_before)
    purge(store, NOW)
    assert store.read(SERVED)["track_id"].tolist() == TRACK_IDS[:20]


# Dies, as by `kill -9`, when it comes to the group whose number it is given.
DYING = """
import os, signal, sys
from segue.spotify.retention import forget
from segue.store import open_store
from segue.store.sql import SQLStore
left, exists = int(sys.argv[2]), SQLStore._exists
def dying(self, cursor, group):
    global left
    left -= 1
    return exists(self, cursor, group) if left else os.kill(os.getpid(), signal.SIGKILL)
SQLStore._exists = dying
forget(open_store(sys.argv[1]), "someone")
"""


@pytest.mark.needs("transaction")
def test_a_disconnection_killed_at_any_group_leaves_everything(home: Home) -> None:
    """Whichever it had come to; one that is not killed leaves nothing."""
    store = open_store(home.url)
    store.upsert(LISTENERS, accounts("Someone"))
    store.upsert(SERVED, served("someone", 1))
    store.upsert(RECOMMENDATIONS, recommended("someone", 1))
    store.upsert(FEEDBACK, feedback_of((0, "like", 0)))
    everything = left_of(store, "someone")
    assert sum(everything.values()) == 102
    command = [sys.executable, "-c", DYING, home.url]
    for number in range(1, len(everything) + 1):
        killed = subprocess.run([*command, str(number)], check=False)
        assert killed.returncode == -signal.SIGKILL
        assert left_of(store, "someone") == everything
    assert subprocess.run([*command, str(len(everything) + 1)], check=False).returncode == 0
    assert set(left_of(store, "someone").values()) == {0}


def test_disconnecting_asks_and_then_deletes_everything(store: FeatureStore) -> None:
    """No is an answer; afterwards nothing is left but the others, and it is said where to withdraw access."""
    store.upsert(LISTENERS, accounts("Someone", "Other"))
    store.upsert(SERVED, pd.concat([served("someone", 1), served("other", 1)]))
    refused = run("Someone", answer="n\n")
    assert refused.exit_code == 1
    assert left_of(store, "someone")["served"] == 50
    done = run("Someone", answer="y\n")
    assert done.exit_code == 0
    assert "everything about Someone is deleted" in done.stdout
    assert REVOKE_PAGE in done.stderr
    assert set(left_of(store, "someone").values()) == {0}
    assert left_of(store, "other")["served"] == 50


def test_whom_to_disconnect_must_be_clear(store: FeatureStore) -> None:
    """By id or name; without one only where there is one; namesakes by id."""
    assert isinstance(run("--yes").exception, InputError)
    store.upsert(LISTENERS, pd.concat([accounts("Ada"), accounts("Ada").assign(listener_id="second")]))
    for asked in ([], ["Ada"], ["nobody"]):
        refused = run(*asked, "--yes")
        assert "name one of Ada (ada), Ada (second)" in str(refused.exception)
    assert run("second", "--yes").exit_code == 0
    assert run("--yes").exit_code == 0
    assert store.read(LISTENERS).empty


def test_nothing_of_a_forgotten_listener_stays_in_the_file(store: FeatureStore, tmp_path: Path) -> None:
    """Neither in pages that are free now, nor in the log of changes."""
    store.upsert(LISTENERS, accounts("somebody-special", "other"))
    store.upsert(SERVED, pd.concat([served("somebody-special", 1, 400), served("other", 1)], ignore_index=True))
    forget(store, "somebody-special")
    held = b"".join(path.read_bytes() for path in tmp_path.rglob("*segue.db*"))
    assert b"other" in held
    assert b"somebody-special" not in held


def test_forgetting_somebody_unknown_changes_nothing(store: FeatureStore) -> None:
    """Nor does it make a store where there is none."""
    forget(store, "nobody")
    assert store.read(LISTENERS).empty
