"""The workflows: what holds for each of them, and their steps run one after another on this machine."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT
from workflow_runner import WORKFLOWS, read_workflow

from segue.nightly import STEPS
from segue.settings import Settings

NAMES = sorted(path.stem for path in WORKFLOWS.glob("*.yml"))
ACTION = ROOT / ".github" / "actions" / "segue" / "action.yml"
FILES = [*sorted(WORKFLOWS.glob("*.yml")), ACTION]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every job with its name, those that only call another workflow included."""
    for name in NAMES:
        for job, content in read_workflow(name)["jobs"].items():
            yield f"{name}/{job}", content


def scripts() -> Iterator[tuple[str, str]]:
    """Yield the script of every step with where it stands."""
    for name, job in jobs():
        for step in job.get("steps", []):
            if "run" in step:
                yield name, step["run"]
    for step in yaml.safe_load(ACTION.read_text(encoding="utf-8"))["runs"]["steps"]:
        if "run" in step:
            yield "segue/action.yml", step["run"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_actions_are_pinned_by_commit(file: Path) -> None:
    """A tag can be moved; each pin says which version it is. What is of this repository comes with its own commit."""
    used = re.findall(r"uses: (\S+)(.*)", file.read_text(encoding="utf-8"))
    assert used or file.stem == "action"
    for action, comment in used:
        if action.startswith("$/"):
            assert (ROOT / action[2:]).exists()
        else:
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


def test_one_action_has_one_version() -> None:
    """Nobody forgets one of several places."""
    text = "".join(file.read_text(encoding="utf-8") for file in FILES)
    pins = set(re.findall(r"uses: ([\w./-]+)@(\w+)", text))
    assert len({action for action, _ in pins}) == len(pins)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_permitted_but_what_a_job_asks_for(name: str) -> None:
    """A workflow grants nothing; a job grants what it writes to, and reading where it checks out."""
    workflow = read_workflow(name)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        actions = [step.get("uses", "") for step in job.get("steps", [])]
        checks_out = any(action.startswith("actions/checkout@") for action in actions) or "uses" in job
        granted = job.get("permissions", {})
        assert granted.get("contents") == ("read" if checks_out else None)
        assert {right: how for right, how in granted.items() if how == "write"}.keys() <= {"actions", "issues"}


@pytest.mark.parametrize(("name", "job"), [*jobs()], ids=[name for name, _ in jobs()])
def test_every_job_has_an_end(name: str, job: dict[str, Any]) -> None:
    """A job that hangs costs hours of a free tier."""
    if "uses" in job:
        # Of the workflow that it calls.
        return
    assert 0 < job["timeout-minutes"] <= 180, name


@pytest.mark.parametrize("name", NAMES)
def test_a_step_ends_where_any_command_of_it_fails(name: str) -> None:
    """Without a shell by name, GitHub would overlook what fails in front of a pipe."""
    assert read_workflow(name)["defaults"] == {"run": {"shell": "bash"}}


@pytest.mark.parametrize("name", NAMES)
def test_no_two_runs_get_in_each_other_s_way(name: str) -> None:
    """A second night waits for the first."""
    assert "group" in read_workflow(name)["concurrency"]


@pytest.mark.parametrize(
    ("where", "script"), [*scripts()], ids=[f"{where}-{n}" for n, (where, _) in enumerate(scripts())]
)
def test_no_script_is_put_together_from_what_others_write(where: str, script: str) -> None:
    """Inputs, titles of pull requests and secrets reach a script as variables, never as a part of it."""
    assert "${{" not in script, where


def test_secrets_are_where_they_are_needed() -> None:
    """Each in the environment of the steps that use it; none for a whole job or workflow, and none of pull requests."""
    for name, job in jobs():
        assert "secrets." not in str(job.get("env", {})), name
        for step in job.get("steps", []):
            assert "secrets." not in str({key: value for key, value in step.items() if key != "env"}), name
    for name in NAMES:
        workflow = read_workflow(name)
        assert "secrets." not in str(workflow.get("env", {}))
        assert "pull_request_target" not in workflow["on"]
        assert "workflow_run" not in workflow["on"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_nothing_is_cached_twice(file: Path) -> None:
    """What is saved goes by a hash of what decides it: a night in which nothing is new saves no gigabytes anew."""
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    jobs = content["jobs"].values() if "jobs" in content else [content["runs"]]
    caches = [step for job in jobs for step in job.get("steps", []) if "actions/cache" in step.get("uses", "")]
    saving = [step["with"]["key"] for step in caches if "cache/restore@" not in step["uses"]]
    assert [key for key in saving if "hashFiles(" not in key or "run_id" in key] == []
    assert bool(saving) == ("actions/cache" in file.read_text(encoding="utf-8"))


def test_settings_of_the_night_are_settings() -> None:
    """What a job is given, Segue reads; and docs/deploy.md says where to put each of them."""
    text = (WORKFLOWS / "nightly.yml").read_text(encoding="utf-8")
    given = set(re.findall(r"\$\{\{ (?:vars|secrets)\.(\w+) \}\}", text))
    assert given <= {str(field.validation_alias) for field in Settings.model_fields.values()}
    told = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    table = set(re.findall(r"`([A-Z_]+)`", "".join(line for line in told.splitlines() if line.startswith("   | "))))
    assert table == given | {"SPACE", "HF_TOKEN"}


def test_ci_runs_what_a_developer_runs() -> None:
    """`make test` and `make lint`, and no command that the Makefile does not know."""
    said = "\n".join(script for name, script in scripts() if name.startswith("ci/"))
    targets = re.findall(r"^make ([\w./]+)", said, re.MULTILINE)
    assert {"lint", "test"} <= set(targets)
    variables = {name for name in re.findall(r"\b([A-Z]+)=", said) if name != "PATH"}
    assert variables <= set(re.findall(r"^([A-Z]+) \?=", MAKEFILE, re.MULTILINE))
    known = set(re.findall(r"^([\w./$()-]+):", MAKEFILE.replace("$(BIN)", ".venv/bin"), re.MULTILINE))
    assert set(targets) <= known
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make lint" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_ci_meets_every_python_that_segue_is_for() -> None:
    """The versions of the matrix are those of pyproject.toml."""
    classified = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert read_workflow("ci")["jobs"]["tests"]["strategy"]["matrix"]["python"] == classified


def test_linters_of_workflows_are_part_of_lint() -> None:
    """`make lint` reads workflows and scripts, too."""
    rule = MAKEFILE.partition("\nlint:")[2].partition("\n\n")[0]
    assert re.findall(r"\$\(BIN\)/(actionlint|shellcheck|zizmor) ", rule) == ["shellcheck", "actionlint", "zizmor"]


@pytest.mark.parametrize("package", [".", "dist/segue-0-py3-none-any.whl"])
def test_make_installs_a_wheel_where_it_is_told_to(package: str) -> None:
    """By default the checkout, editable; CI gives it the wheel."""
    command = ["make", "--dry-run", "--always-make", "test", f"PACKAGE={package}"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout
    assert f"'{package}[hopsworks,dask,dev]'" in said
    assert ("--editable" in said) == (package == ".")


def test_the_night_has_the_steps_of_segue_nightly() -> None:
    """In the same order, with the same flags where nobody asks for others."""
    said = "\n".join(script for name, script in scripts() if name.startswith("nightly/"))
    assert re.findall(r"\.venv/bin/segue (features|train|listens|playlists)\b", said) == [step for step, *_ in STEPS]
    assert [step for step, *flags in STEPS if flags == ["--if-changed"]] == ["features", "train"]


@pytest.mark.parametrize("command", ["features", "train", "listens", "playlists", "runs"])
def test_the_flags_of_the_night_exist(command: str) -> None:
    """Whatever a job hands on, the command knows."""
    said = [script for name, script in scripts() if name.startswith("nightly/") and f"segue {command}" in script]
    flags = set(re.findall(r"(?<![\w-])--[a-z-]+", "\n".join(said)))
    shown = subprocess.run(
        [sys.executable, "-m", "segue", command, "--help"], capture_output=True, text=True, check=True, timeout=60
    )
    assert said
    assert flags <= set(re.findall(r"--[a-z-]+", shown.stdout))


def test_the_choices_of_the_night_are_those_of_the_commands() -> None:
    """What can be chosen when a run is started by hand."""
    from inference_pipeline.playlist_kinds import KINDS
    from segue.models.choice import SPACES

    inputs = read_workflow("nightly")["on"]["workflow_dispatch"]["inputs"]
    assert inputs["space"]["options"] == list(SPACES)
    assert inputs["kind"]["options"] == ["", *KINDS]


def test_nothing_of_the_night_is_about_one_listener() -> None:
    """What cannot be asked for without naming somebody is no input, and no step passes it."""
    text = (WORKFLOWS / "nightly.yml").read_text(encoding="utf-8")
    said = "\n".join(script for name, script in scripts() if name.startswith("nightly/"))
    for flag in ("listener", "bring-back"):
        assert flag not in read_workflow("nightly")["on"]["workflow_dispatch"]["inputs"]
        assert f"--{flag}" not in said
    assert "SEGUE_LISTENER" not in text
