"""The Hugging Face Space: what is pushed there, and that it starts with what it finds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import yaml
from conftest import ROOT
from cryptography.fernet import Fernet
from hopsworks_stand_in.state import Cluster
from space_stand_in import FakeSpace, serving_space
from workflow_runner import Runner, clean_copy

from segue.sandbox.address import environment
from segue.sandbox.server import serving
from segue.settings import load_settings

pytest_plugins = ("hopsworks_fixture",)

TOKEN = "hf_that-may-write-to-one-space"  # noqa: S105 - of the stand-in
HOST = "somebody-segue.hf.space"
LEFT_BEHIND = (".ci", ".github", "benchmarks", "tests")
FILES_OF_A_SPACE = {"README.md", "requirements.txt", "space.py", "app/server.py", "segue/settings.py", "LICENSE"}


@pytest.fixture
def space() -> Iterator[FakeSpace]:
    """Serve a Hub, which knows no Space yet."""
    with serving_space(TOKEN) as served:
        yield served


@pytest.fixture
def runner(tmp_path: Path, space: FakeSpace) -> Runner:
    """Return a machine that holds a commit of the repository, and is to push it."""
    checkout, temp = clean_copy(tmp_path / "checkout"), tmp_path / "temp"
    temp.mkdir()
    git = ["git", "-C", str(checkout), "-c", "user.name=CI", "-c", "user.email=ci@example.org"]
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "Segue"]):
        subprocess.run([*git, *command], check=True, timeout=60)
    machine = {
        "HF_ENDPOINT": space.url,
        "HF_HOME": str(tmp_path / "hf"),
        # In place of the client that the first step installs.
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    return Runner(
        checkout,
        temp,
        event="push",
        machine=machine,
        secrets={"HF_TOKEN": TOKEN},
        variables={"SPACE": "somebody/segue"},
        passed_over={"Install the client of Hugging Face"},
    )


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_what_is_pushed_is_the_app_and_nothing_else(runner: Runner, space: FakeSpace) -> None:
    """The Space holds what the repository holds, without what only developers need, and without yesterday's rest."""
    assert runner.run("space", "push") == {"push": "success"}, runner.log
    assert space.sdk == "gradio"
    assert space.commits == [f"Segue at {'0' * 40}"]
    assert set(space.files) >= FILES_OF_A_SPACE
    assert space.files["space.py"] == (ROOT / "space.py").read_bytes()
    assert not [name for name in space.files if name.startswith(tuple(f"{folder}/" for folder in LEFT_BEHIND))]
    assert TOKEN not in runner.log
    assert "huggingface.co/spaces/somebody/segue" in runner.summary

    shutil.rmtree(runner.temp / "space")
    space.files["left/over.py"] = b"print('of an older version')"
    assert runner.run("space", "push") == {"push": "success"}, runner.log
    assert "left/over.py" not in space.files
    assert ".gitattributes" in space.files


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_token_that_may_not_write_fails_the_job(runner: Runner, space: FakeSpace) -> None:
    """Nothing is pushed, and the log has no token."""
    runner.secrets["HF_TOKEN"] = other = TOKEN[::-1]
    assert runner.run("space", "push") == {"push": "failure"}
    assert space.commits == []
    assert "error: Hugging Face refused it: " in runner.log
    assert "Traceback" not in runner.log
    assert other not in runner.log


def test_nothing_is_pushed_until_a_space_is_named(tmp_path: Path) -> None:
    """A fork stays green without one."""
    assert Runner(tmp_path, tmp_path, event="push").run("space", "push") == {"push": "skipped"}


def test_the_front_matter_fits_what_is_locked() -> None:
    """Hugging Face installs the Gradio that it names, beside requirements.txt, and starts the file that it names."""
    _, text, _ = (ROOT / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    front_matter = yaml.safe_load(text)
    locked = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert front_matter["sdk"] == "gradio"
    assert f"\ngradio=={front_matter['sdk_version']}\n" in locked
    assert (ROOT / front_matter["app_file"]).is_file()
    assert front_matter["python_version"] in {"3.10", "3.11", "3.12", "3.13"}
    # Longer ones are refused.
    assert len(front_matter["short_description"]) <= 60


def test_the_lock_goes_with_what_hugging_face_adds() -> None:
    """Its build installs these in the same command as requirements.txt, and fails where they contradict each other."""
    locked = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    for name in ("mcp", "itsdangerous", "spaces", "websockets"):
        assert f"\n{name}==" in locked, f"{name} is not locked: is the extra `space` still there? make lock"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder as a Space has it: the files of the repository, and beside it the libraries of the lock."""
    # Without the console program and its entry points, which an installed Segue would have.
    libraries = tmp_path / "libraries"
    libraries.mkdir()
    for folder in map(Path, sys.path):
        if folder.name == "site-packages":
            for package in folder.iterdir():
                is_segue = package.name.startswith(("segue", "_editable_impl_segue"))
                if not is_segue and not (libraries / package.name).exists():
                    (libraries / package.name).symlink_to(package)
    return clean_copy(tmp_path / "space")


@contextmanager
def awake(checkout: Path, **secrets: str) -> Iterator[httpx.Client]:
    """Start a Space with these variables and secrets, and return a visitor; at the end it goes to sleep."""
    ours = ("HOPSWORKS_", "SEGUE_", "SPOTIFY_", "PYTHONPATH")
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    surroundings |= {"SPACE_ID": "somebody/segue", "SPACE_HOST": HOST} | secrets
    paths = [str(checkout), str(checkout.parent / "libraries")]
    program = f"import sys; sys.path[:0] = {paths!r}; import space; space.PORT = 0; space.main()"
    command = [sys.executable, "-I", "-S", "-c", program]
    with subprocess.Popen(command, cwd=checkout, env=surroundings, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        try:
            address = said.split()[3].replace("0.0.0.0", "127.0.0.1")  # noqa: S104 - where it says that it listens
            transport = httpx.HTTPTransport(retries=10)
            with httpx.Client(base_url=address, headers={"Host": HOST}, transport=transport, timeout=60) as visitor:
                yield visitor
        finally:
            process.terminate()


def bring_cookies(visitor: httpx.Client, answer: httpx.Response) -> None:
    """Let a visitor bring the cookies of an answer from now on; over HTTPS a browser would by itself."""
    visitor.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())


def test_it_starts_where_segue_is_not_installed(checkout: Path) -> None:
    """As on a Space: the libraries of the lock, the files of the repository, and no login until there are secrets."""
    with awake(checkout) as visitor:
        page = visitor.get("/account")
        assert page.status_code == httpx.codes.OK
        assert f"https://{HOST}/auth/login" in page.text
        assert visitor.get("/").status_code == httpx.codes.OK


def test_who_is_logged_in_stays_so_while_the_space_sleeps(checkout: Path, cluster: Cluster) -> None:
    """It wakes with an empty disk: whatever must outlast that is on Hopsworks."""
    secrets = cluster.environment | {
        "SEGUE_STORE": f"hopsworks://{cluster.project}",
        "SEGUE_KEY": Fernet.generate_key().decode("ascii"),
    }
    with serving(load_settings()) as sandbox:
        # Where people are sent back to, the Space knows by itself.
        secrets |= {name: value for name, value in environment(sandbox.port).items() if name != "SPOTIFY_REDIRECT_URI"}
        with awake(checkout, **secrets) as visitor:
            begun = visitor.get("/auth/login")
            bring_cookies(visitor, begun)
            consent = httpx.get(f"{begun.headers['Location']}&listener=juniper")
            callback = consent.headers["Location"]
            assert callback.startswith(f"https://{HOST}/auth/callback?")
            connected = visitor.get(callback.removeprefix(f"https://{HOST}"))
            assert connected.headers["Location"] == "/account", connected.text

        shutil.rmtree(checkout / "var")
        with awake(checkout, **secrets) as visitor:
            assert "Juniper Vale" not in visitor.get("/account").text
            bring_cookies(visitor, connected)
            assert "Juniper Vale" in visitor.get("/account").text
