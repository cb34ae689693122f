"""The nightly workflow, rehearsed: its jobs' steps in order, in a clean copy, with the sandbox for Spotify.

Features and models are on a stand-in for Hopsworks, since the machines of the jobs share nothing else. The catalog is
the made-up one, and GitHub a stand-in to which the real `gh` talks. What is not rehearsed are the actions that check
out, install Python and Segue, and cache.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from github_stand_in import FakeGitHub, serving_github
from hopsworks_stand_in.state import Cluster
from workflow_runner import Runner, clean_copy

from segue.groups import LISTENERS, RECOMMENDATIONS
from segue.registry import open_registry
from segue.sandbox.address import APP, environment
from segue.sandbox.connect import connect_people
from segue.sandbox.people import PEOPLE
from segue.sandbox.server import Sandbox, serving
from segue.settings import load_settings
from segue.store import open_store

pytest_plugins = ("hopsworks_fixture",)
pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
with_gh = pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed: apt-get install gh")

NOWHERE = "http://127.0.0.1:9"
OFFLINE = {"HF_ENDPOINT": NOWHERE, "HTTPS_PROXY": NOWHERE, "https_proxy": NOWHERE}
NIGHT = ("unset", "features", "training", "inference")


@pytest.fixture
def sandbox(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Serve the sandbox over the catalog on Hopsworks, with a key for logins as an operator would make one."""
    monkeypatch.setenv("SEGUE_STORE", f"hopsworks://{cluster.project}")
    monkeypatch.setenv("SEGUE_KEY", Fernet.generate_key().decode())
    with serving(load_settings()) as running:
        yield running


@pytest.fixture
def runner(tmp_path: Path, cluster: Cluster, sandbox: Sandbox) -> Runner:
    """Return a machine on which the night is due, in a repository that is set up as docs/deploy.md says."""
    key = sandbox.settings.key
    assert key is not None
    # What is a secret only the steps know that are given it; nor is the folder of this test theirs.
    of_the_repository = ("HOPSWORKS_API_KEY", "HOPSWORKS_HOST", "HOPSWORKS_PORT")
    at_hopsworks = {name: value for name, value in cluster.environment.items() if name not in of_the_repository}
    at_spotify = {name: value for name, value in environment(sandbox.port).items() if name not in APP}
    temp = tmp_path / "temp"
    temp.mkdir()
    return Runner(
        clean_copy(tmp_path / "checkout"),
        temp,
        unset={"SEGUE_KEY", "SEGUE_STORE", "SEGUE_VAR", *cluster.environment},
        machine={**at_hopsworks, **at_spotify, **OFFLINE, "no_proxy": cluster.host, "NO_PROXY": cluster.host},
        secrets={**APP, "SEGUE_KEY": key.get_secret_value(), "HOPSWORKS_API_KEY": cluster.key},
        variables={
            "SEGUE_STORE": f"hopsworks://{cluster.project}",
            "HOPSWORKS_HOST": cluster.host,
            "HOPSWORKS_PORT": cluster.environment["HOPSWORKS_PORT"],
        },
    )


def test_two_nights(runner: Runner, sandbox: Sandbox) -> None:
    """Everybody's playlists are made, and the summary has counts, metrics and a plot. In the second nothing is trained.

    Neither logs nor summaries say anything about anybody.
    """
    runner.run("nightly", "unset", "features")
    settings = sandbox.settings
    store = open_store(settings.store_url)
    connect_people(store, settings)
    results = runner.run("nightly", "training", "inference")
    assert results == {"unset": "skipped", **dict.fromkeys(NIGHT[1:], "success")}, runner.log
    assert store.read(RECOMMENDATIONS)["listener_id"].nunique() == len(PEOPLE)
    for line in ("| tracks | 1,500 |", "| warm/made-up |", "xychart-beta", f"| listeners | {len(PEOPLE)} |"):
        assert line in runner.summary

    assert runner.run("nightly", "training")["training"] == "success", runner.log
    assert "nothing has changed since hybrid@1 was trained" in runner.log
    assert open_registry(settings).versions("hybrid") == [1]

    public = runner.log + runner.summary
    known = store.read(LISTENERS)
    private = [*known["listener_id"], *(person.name for person in PEOPLE), *runner.secrets.values()]
    assert [word for word in private if word in public] == []


@pytest.mark.parametrize(
    ("job", "chosen", "said"),
    [
        ("training", {"space": "nowhere"}, "there is no space 'nowhere'"),
        ("inference", {"kind": "nothing"}, "there is no playlist …"),
    ],
)
def test_what_is_chosen_by_hand_reaches_the_command(
    runner: Runner, job: str, chosen: dict[str, str], said: str
) -> None:
    """One job runs, and the command of a flag says what is wrong with it; the other jobs are left out."""
    runner.event = "workflow_dispatch"
    runner.inputs = {"job": job, **chosen}
    assert runner.run("nightly", *NIGHT) == {**dict.fromkeys(NIGHT, "skipped"), job: "failure"}
    assert said in runner.log


def test_inputs_are_never_run(runner: Runner, tmp_path: Path) -> None:
    """Whoever may start a run may not run anything else."""
    runner.event = "workflow_dispatch"
    runner.inputs = {"job": "features", "source": f"$(touch {tmp_path}/ran); x' --json"}
    assert runner.run("nightly", "features") == {"features": "failure"}
    assert not (tmp_path / "ran").exists()
    assert "there is no dataset '$(touch' to download" in runner.log


def test_a_night_that_fails_ends_there(runner: Runner) -> None:
    """Nothing is trained on a catalog that could not be made, and nobody is served; nobody's error is in the log."""
    runner.variables["SEGUE_STORE"] = "nonsense://store"
    assert runner.run("nightly", *NIGHT[1:]) == {"features": "failure", "training": "skipped", "inference": "skipped"}
    assert "error: SEGUE_STORE=" in runner.log


def test_playlists_are_tried_where_listens_failed(runner: Runner) -> None:
    """The job fails, as the night does, but not before everybody else is served."""
    runner.results = {"features": "success", "training": "success"}
    runner.secrets["SPOTIFY_CLIENT_ID"] = ""
    assert runner.run("nightly", "inference")["inference"] == "failure"
    assert runner.log.count("error: set both SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET") == 2, runner.log


@pytest.mark.parametrize(("event", "result"), [("schedule", "skipped"), ("workflow_dispatch", "failure")])
def test_where_nothing_is_set_up_nothing_runs(tmp_path: Path, event: str, result: str) -> None:
    """A fork has no nightly failures; whoever starts it by hand reads what is missing."""
    runner = Runner(tmp_path, tmp_path, event=event)
    every = (*NIGHT, "keepalive", "issue")
    assert runner.run("nightly", *every) == {**dict.fromkeys(every, "skipped"), "unset": result}
    assert ("set the variable SEGUE_STORE" in runner.log) == (result == "failure")


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    """Serve GitHub's API to the token of a job."""
    with serving_github("the-token-of-the-job") as served:
        yield served


@pytest.fixture
def on_github(tmp_path: Path, github: FakeGitHub) -> Runner:
    """Return a machine that only talks to GitHub."""
    return Runner(
        tmp_path,
        tmp_path,
        machine={**github.environment, "GH_CONFIG_DIR": str(tmp_path / "gh")},
        variables={"SEGUE_STORE": "hopsworks://segue"},
    )


@with_gh
def test_the_schedule_is_kept_alive(on_github: Runner, github: FakeGitHub) -> None:
    """Every night enables the workflow anew, so that it is never idle for 60 days; a run by hand does not."""
    assert on_github.run("nightly", "keepalive") == {"keepalive": "success"}, on_github.log
    assert github.enabled == 1
    on_github.event = "workflow_dispatch"
    assert on_github.run("nightly", "keepalive") == {"keepalive": "skipped"}


@with_gh
def test_one_issue_for_all_bad_nights(on_github: Runner, github: FakeGitHub) -> None:
    """It is opened on the first one, says which run it was, and is closed by the first good one; others' are let be."""
    github.open_issue("The nightly job fails", user="somebody")
    bad = {"features": "success", "training": "failure", "inference": "skipped"}
    for _ in range(2):
        on_github.results = dict(bad)
        assert on_github.run("nightly", "issue")["issue"] == "success", on_github.log
    others, ours = github.issues
    assert ours["title"] == "The nightly job fails"
    assert "https://github.com/somebody/segue/actions/runs/7" in ours["body"]
    on_github.results = dict.fromkeys(bad, "success")
    for _ in range(2):
        assert on_github.run("nightly", "issue")["issue"] == "success", on_github.log
    assert (ours["state"], others["state"], len(github.issues)) == ("closed", "open", 2)
    on_github.results = dict(bad, features="cancelled", training="skipped")
    on_github.run("nightly", "issue")
    assert [issue["state"] for issue in github.issues] == ["open", "closed", "open"]


@with_gh
def test_the_issue_is_found_among_any_number(on_github: Runner, github: FakeGitHub) -> None:
    """GitHub lists a hundred at a time, the newest first: ours may be the oldest, and stays the only one."""
    on_github.results = {"features": "success", "training": "failure", "inference": "skipped"}
    ours = github.open_issue("The nightly job fails")
    for n in range(200):
        github.open_issue(f"A wish {n}", user="somebody")
    assert on_github.run("nightly", "issue")["issue"] == "success", on_github.log
    assert len(github.issues) == 201
    on_github.results = dict.fromkeys(on_github.results, "success")
    on_github.run("nightly", "issue")
    assert ours["state"] == "closed", on_github.log
