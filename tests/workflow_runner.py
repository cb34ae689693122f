"""Runs the jobs of a workflow on this machine: their `run:` steps, in order, with bash, in a copy of the repository.

What an action (`uses:`) does is not done: the copy stands for the checkout, and its `.venv` is the environment that the
tests run in, in place of the one that would be installed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from conftest import ROOT
from workflow_expressions import holds, interpolate

WORKFLOWS = ROOT / ".github" / "workflows"
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__", "var", "dist", "build", "screenshots")
STRICT = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
"""What GitHub takes ``shell: bash`` for."""


def read_workflow(name: str) -> dict[str, Any]:
    """Return a workflow."""
    text = (WORKFLOWS / f"{name}.yml").read_text(encoding="utf-8")
    # YAML 1.1 takes the key `on` for true.
    loaded: dict[str, Any] = yaml.safe_load(re.sub(r"^on:", '"on":', text, flags=re.MULTILINE))
    return loaded


def clean_copy(folder: Path) -> Path:
    """Copy the repository without anything that was made in it, and return where it is."""
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


@dataclass
class Runner:
    """A machine that runs a workflow.

    Attributes
    ----------
    checkout : Path
        Where the steps run.
    temp : Path
        Folder of its own, ``RUNNER_TEMP``.
    event : str
        Which event began the run: ``"schedule"``, ``"workflow_dispatch"``, ``"push"``.
    secrets, variables, inputs : dict
        Those of the repository, and of whoever started the run.
    machine : dict
        Further environment variables of the machine.
    unset : set of str
        Those of this process that the machine does not have.
    passed_over : set of str
        Names of steps that are taken as done.
    results : dict
        Job → ``"success"``, ``"failure"`` or ``"skipped"``, of the jobs that have run.
    log, summary : str
        What the steps printed, and wrote into their summaries.
    ran : list of str
        The scripts that ran, in order.
    """

    checkout: Path
    temp: Path
    event: str = "schedule"
    secrets: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)
    machine: dict[str, str] = field(default_factory=dict)
    unset: set[str] = field(default_factory=set)
    passed_over: set[str] = field(default_factory=set)
    results: dict[str, str] = field(default_factory=dict)
    log: str = ""
    summary: str = ""
    ran: list[str] = field(default_factory=list)

    def run(self, workflow: str, *jobs: str) -> dict[str, str]:
        """Run jobs of a workflow, in this order, and return the results of all that have run so far."""
        whole = read_workflow(workflow)
        for name in jobs:
            job = whole["jobs"][name]
            of_workflow = whole.get("env", {})
            self.results[name] = self._job(job, of_workflow | job.get("env", {}))
        return self.results

    def _job(self, job: dict[str, Any], environment: dict[str, str]) -> str:
        needed = [self.results[name] for name in _as_list(job.get("needs", []))]
        contexts = self._contexts({"needs": {name: {"result": result} for name, result in self.results.items()}})
        functions = {
            "success": lambda: all(result == "success" for result in needed),
            "failure": lambda: "failure" in needed,
            "cancelled": lambda: False,
            "always": lambda: True,
        }
        if not holds(str(job.get("if", "success()")), contexts, functions):
            return "skipped"
        variables = {name: interpolate(value, contexts, functions) for name, value in environment.items()}
        # Each job has a machine of its own.
        shutil.rmtree(self.checkout / "var", ignore_errors=True)
        return self._steps(job["steps"], variables, contexts)

    def _steps(self, steps: list[dict[str, Any]], variables: dict[str, str], contexts: dict[str, Any]) -> str:
        outcomes: list[str] = []
        contexts["steps"] = {}
        functions = {
            "success": lambda: "failure" not in outcomes,
            "failure": lambda: "failure" in outcomes,
            "cancelled": lambda: False,
            "always": lambda: True,
        }
        for step in steps:
            contexts["env"] = variables
            if "run" not in step or step.get("name") in self.passed_over:
                continue
            if holds(str(step.get("if", "success()")), contexts, functions):
                own = {name: interpolate(value, contexts, functions) for name, value in step.get("env", {}).items()}
                outcomes.append(self._step(interpolate(step["run"], contexts, functions), variables, own))
            else:
                outcomes.append("skipped")
            contexts["steps"][step.get("id", "")] = {"outcome": outcomes[-1]}
        return "failure" if "failure" in outcomes else "success"

    def _step(self, script: str, variables: dict[str, str], own: dict[str, str]) -> str:
        files = {name: self.temp / name for name in ("GITHUB_ENV", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("")
        known = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "somebody/segue", "GITHUB_RUN_ID": "7"}
        known |= {"GITHUB_SHA": "0" * 40, "RUNNER_TEMP": str(self.temp), **{k: str(file) for k, file in files.items()}}
        here = {name: value for name, value in os.environ.items() if name not in self.unset}
        # The script is a file, as on GitHub: what it starts cannot read the rest of it.
        (self.temp / "step.sh").write_text(script)
        done = subprocess.run(
            [*STRICT, str(self.temp / "step.sh")],
            cwd=self.checkout,
            env={**here, **self.machine, **known, **variables, **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=600,
        )
        self.ran.append(script)
        self.log += done.stdout
        self.summary += files["GITHUB_STEP_SUMMARY"].read_text()
        variables |= dict(line.split("=", 1) for line in files["GITHUB_ENV"].read_text().splitlines())
        return "success" if done.returncode == 0 else "failure"

    def _contexts(self, more: dict[str, Any]) -> dict[str, Any]:
        github = {"event_name": self.event, "token": "the-token-of-the-job", "ref": "refs/heads/main", "run_id": "7"}
        return {"github": github, "secrets": self.secrets, "vars": self.variables, "inputs": self.inputs, **more}


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
