"""`segue runs`: the last run of each pipeline, for people, machines, and the summaries of nightly jobs."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress

import pytest

from segue.runs import last_runs, recorded_run
from segue.runs_report import as_page
from segue.store import FeatureStore

METRICS = {"playlists": 28.0, "recall_at_100": 0.8675, "ndcg_at_500": 0.708, "clicks": 0.25}


def segue_runs(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would."""
    code = "import typer; from segue.console import run; from segue.runs_cli import runs; run(lambda: typer.run(runs))"
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_what_is_run_for_one_listener_leaves_no_record(store: FeatureStore) -> None:
    """It would stand in the place of the night."""
    with recorded_run(store, "playlists") as report:
        report |= {"listeners": 7}
    with recorded_run(store, "playlists", for_all=False) as report:
        report |= {"listeners": 1}
    assert [run.report for run in last_runs(store)] == [{"listeners": 7}]


@pytest.fixture
def ran(store: FeatureStore) -> FeatureStore:
    """Return a store in which features and training have run twice, and making playlists has failed."""
    for tracks in (10, 1500):
        with recorded_run(store, "features") as report:
            source = {"name": "a|b", "rows": 2000, "dropped": {"no id": 3, "no title": 4}, "recordings": 1488}
            report |= {"data": "datasets", "written": {"tracks": tracks}, "tracks": {"sources": [source]}}
    for version, promoted in ((1, True), (2, False)):
        with recorded_run(store, "train") as report:
            measured = {f"warm/made-up/{name}": value for name, value in METRICS.items()}
            reasons = ["recall_at_100 fell on `warm`"]
            report |= {"model": f"hybrid@{version}", "promoted": promoted, "reasons": reasons, "metrics": measured}
    with suppress(RuntimeError), recorded_run(store, "playlists") as report:
        report |= {"listeners": 7, "failed": 2}
        raise RuntimeError
    return store


def test_the_last_run_of_each_counts(ran: FeatureStore) -> None:
    """In the order of a night; of what never ran nothing is said."""
    runs = {run.pipeline: run for run in last_runs(ran)}
    assert list(runs) == ["features", "train", "playlists"]
    assert runs["features"].report["written"] == {"tracks": 1500}
    assert runs["train"].report["model"] == "hybrid@2"
    assert runs["playlists"].status == "failed"


@pytest.mark.usefixtures("ran")
def test_for_people_it_is_a_table() -> None:
    """A row for each pipeline, with its counts."""
    shown = segue_runs()
    assert shown.returncode == 0, shown.stderr
    for words in (("features", "done", "1,500 tracks"), ("playlists", "failed", "7 listeners, 2 failed")):
        assert any(all(word in line for word in words) for line in shown.stdout.splitlines())


@pytest.mark.usefixtures("ran")
def test_for_machines_it_is_json() -> None:
    """The whole report of the pipelines that were asked for."""
    shown = json.loads(segue_runs("--pipeline", "train", "--json").stdout)
    assert [(run["pipeline"], run["report"]["model"]) for run in shown["runs"]] == [("train", "hybrid@2")]


@pytest.mark.usefixtures("ran")
def test_for_summaries_it_is_markdown() -> None:
    """Tables, and a chart that needs no image."""
    page = segue_runs("--markdown").stdout
    assert "## features\n\nDone: began " in page
    assert "| tracks | 1,500 |" in page
    assert "**failed, or still under way**: began " in page
    assert "**hybrid@2** did not become the best version:\n\n- recall_at_100 fell on 'warm'" in page
    assert "| warm/made-up | 28 | 0.868 | 0.708 | 0.25 |" in page
    assert "```mermaid\n%%{init" in page
    assert "\nxychart-beta horizontal\n" in page
    assert 'x-axis ["warm/made-up"]' in page
    assert "bar [0.868]" in page


def test_a_name_breaks_no_table(ran: FeatureStore) -> None:
    """A dataset is called after a file, which may have any name."""
    page = as_page(last_runs(ran))
    assert "| a¦b | 2,000 | 7 | 1,488 |" in page


def test_nothing_has_run_yet() -> None:
    """Which is no error, and says how to begin; a pipeline that does not exist is one."""
    empty = segue_runs()
    assert empty.returncode == 0
    assert "nothing has run yet" in empty.stderr
    unknown = segue_runs("--pipeline", "nightly")
    assert unknown.returncode == 1
    assert "there is no pipeline 'nightly', but features, train, listens, playlists" in unknown.stderr
