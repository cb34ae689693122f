"""`segue doctor`: what is well is said in one line, and what is not with what to do."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from accounts import accounts
from catalogs import made_up_tracks
from cryptography.fernet import Fernet
from hopsworks_stand_in.state import Cluster
from postgresql_server import execute
from typer.testing import CliRunner, Result

from segue.doctor import disk, packages
from segue.doctor.cli import doctor
from segue.groups import LISTENERS, TRACKS, UNAVAILABLE
from segue.registry import FolderRegistry
from segue.sandbox.address import CLIENT_SECRET, environment
from segue.sandbox.server import Sandbox
from segue.settings import load_settings
from segue.spotify.key_file import key_file
from segue.spotify.vault import Vault
from segue.store import FeatureStore

pytest_plugins = ("sandbox_fixture", "postgresql_fixture", "hopsworks_fixture")

CHECKS = ["settings", "packages", "disk", "store", "models", "key", "spotify", "redirect"]


def run(*arguments: str) -> Result:
    """Run the command as from a terminal."""
    program = typer.Typer()
    program.command()(doctor)
    return CliRunner().invoke(program, arguments)


def line(name: str) -> str:
    """Return what the command says of one thing, and check that its exit status fits."""
    result = run()
    found = {said[6:].partition(": ")[0]: said for said in result.stdout.splitlines()}
    assert (result.exit_code == 1) == any(said.startswith("fix") for said in found.values())
    return found[name]


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> Sandbox:
    """Set up the sandbox's app, as an operator sets up their own."""
    for name, value in environment(sandbox.port).items():
        monkeypatch.setenv(name, value)
    return sandbox


def test_a_new_installation_has_nothing_to_fix(tmp_path: Path) -> None:
    """What is not there yet is noted, with the command that makes it; and the doctor makes nothing of it."""
    result = run()
    assert result.exit_code == 0, result.stdout
    assert [said[6:].partition(":")[0] for said in result.stdout.splitlines()] == CHECKS
    assert [said[:4] for said in result.stdout.splitlines()] == ["ok  "] * 3 + ["note"] * 4 + ["ok  "]
    assert "`segue nightly` makes it" in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_finished_installation_is_well(store: FeatureStore, elsewhere: Sandbox) -> None:
    """Every line is ok; the store is as it was."""
    store.upsert(TRACKS, made_up_tracks(5))
    registry = FolderRegistry(load_settings().models_dir)
    registry.promote(registry.save("hybrid", lambda _: None, {}, {}))
    store.upsert(LISTENERS, accounts("Someone").assign(token=Vault(load_settings()).encrypt("sesame")))
    result = run()
    assert result.exit_code == 0, result.stdout
    assert {said[:4] for said in result.stdout.splitlines()} == {"ok  "}
    assert "can be read and written, and has 5 tracks" in result.stdout
    assert "has hybrid@1 (best)" in result.stdout
    assert "opens every stored login (1)" in result.stdout
    assert f"127.0.0.1:{elsewhere.port} accepts the app's credentials" in result.stdout
    assert store.read(UNAVAILABLE).empty


def test_machines_read_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, as one document."""
    monkeypatch.setenv("SPOTIFY_REDIRECT_URI", "http://localhost:7860/auth/callback")
    result = run("--json")
    assert result.exit_code == 1
    found = {each["check"]: each for each in json.loads(result.stdout)["checks"]}
    assert list(found) == CHECKS
    assert found["redirect"]["state"] == "fix"


# Settings


def test_a_value_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else is known then."""
    monkeypatch.setenv("SEGUE_DAILY_CALLS", "many")
    result = run()
    assert result.exit_code == 1
    assert result.stdout.startswith("fix   settings: setting SEGUE_DAILY_CALLS:")
    assert result.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("SEGUE_KYE", "SEGUE_KEY"),
        ("SPOTIFY_CLIENT_ID_", "SPOTIFY_CLIENT_ID"),
        ("HOPSWORKS_API_KEYS", "HOPSWORKS_API_KEY"),
    ],
)
def test_a_name_that_means_nothing_is_named(monkeypatch: pytest.MonkeyPatch, name: str, near: str) -> None:
    """With the one that it may have been meant for."""
    monkeypatch.setenv(name, "sesame")
    assert f"fix   settings: {name} is no setting: did you mean {near}?" in line("settings")


def test_names_that_only_the_hopsworks_client_reads_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever works on a cluster has them."""
    monkeypatch.setenv("HOPSWORKS_PROJECT_NAME", "segue")
    assert line("settings").startswith("ok")


def test_the_env_file_is_looked_at(tmp_path: Path) -> None:
    """Its names, and that nobody else reads its secrets."""
    file = tmp_path / ".env"
    file.write_text("SEGUE_COVRES=true\n")
    assert "SEGUE_COVRES is no setting" in line("settings")
    file.write_text("SEGUE_COVERS=true\n")
    file.chmod(0o644)
    assert line("settings").startswith("fix")
    assert "chmod 600 .env" in line("settings")
    file.chmod(0o600)
    assert line("settings") == "ok    settings: every name is known, in .env, too"


# Packages and disk


def test_packages_that_do_not_get_along_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A version that another one cannot work with, one that is missing, and two with the same files."""
    real = packages.version
    changed: dict[str, str] = {}

    def version(name: str) -> str:
        if changed.get(name) == "missing":
            raise packages.PackageNotFoundError(name)
        return changed.get(name) or real(name)

    monkeypatch.setattr(packages, "version", version)
    assert line("packages").startswith("ok    packages: pandas")
    changed["pandas"] = "2.2.0"
    assert "segue needs pandas >=2.3, and 2.2.0 is installed" in line("packages")
    changed["pandas"] = "missing"
    assert "segue needs pandas, which is not installed" in line("packages")
    changed |= {"pandas": real("pandas"), "hopsworks": "5.2.1", "deltalake": "1.0.0"}
    assert "uv pip uninstall deltalake" in line("packages")
    changed |= {"hopsworks": "missing", "deltalake": "missing"}
    assert line("packages").endswith("no Hopsworks client")
    monkeypatch.setenv("SEGUE_STORE", "hopsworks://segue")
    assert "its client is not installed" in line("packages")


def test_a_full_disk_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a night fails on it."""
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: SimpleNamespace(free=10**8))
    assert "0.1 GB are free at" in line("disk")


def test_a_folder_that_cannot_be_written_to_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Store, models and disk say so; to root, as whom tests may run, every folder is open."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "set SEGUE_VAR to a folder of yours" in line("disk")
    assert "set SEGUE_VAR to a folder of yours" in line("models")
    assert "set SEGUE_VAR to a folder of yours" in line("store")


# Store and models


def test_a_store_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of no known kind, not there, or damaged; never with its password."""
    monkeypatch.setenv("SEGUE_STORE", "mysql://me:sesame@host/db")
    assert "fix   store: SEGUE_STORE='mysql://host/db' is not a store" in line("store")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("SEGUE_STORE", f"postgresql://me:sesame@127.0.0.1:{taken.getsockname()[1]}/db")
        assert "the server cannot be reached" in line("store")
        assert "sesame" not in run().stdout
    (tmp_path / "no.db").write_text("no database " * 100)
    monkeypatch.setenv("SEGUE_STORE", f"sqlite:///{tmp_path / 'no.db'}")
    assert "not a usable SQLite file" in line("store")


def test_an_empty_store_is_noted(store: FeatureStore) -> None:
    """The features step has not run."""
    store.upsert(UNAVAILABLE, UNAVAILABLE.cast(store.read(UNAVAILABLE)))
    assert "has no tracks yet: `segue features` brings them" in line("store")


def test_a_table_of_another_version_is_named(monkeypatch: pytest.MonkeyPatch, schema_url: str) -> None:
    """And so is a shared store without a shared key."""
    monkeypatch.setenv("SEGUE_STORE", schema_url)
    assert "can be read and written, and has no tracks yet" in line("store")
    assert line("key").startswith("fix   key: the store is shared")
    monkeypatch.setenv("SEGUE_KEY", Fernet.generate_key().decode())
    assert line("key") == "ok    key: SEGUE_KEY opens every stored login (0)"
    execute(schema_url, "ALTER TABLE unavailable_1 DROP COLUMN found_at")
    assert "a table is not as this version of Segue made it" in line("store")


def test_a_store_that_loses_what_is_written_is_named(monkeypatch: pytest.MonkeyPatch, store: FeatureStore) -> None:
    """That would be found nowhere else."""
    store.upsert(TRACKS, made_up_tracks(5))
    monkeypatch.setattr(type(store), "upsert", lambda *_: None)
    assert "does not give back what was written" in line("store")


def test_a_damaged_model_is_named() -> None:
    """A card that cannot be read."""
    registry = FolderRegistry(load_settings().models_dir)
    model = registry.save("hybrid", lambda _: None, {}, {})
    (model.path / "model.json").write_text("{")
    assert "unreadable" in line("models")


# Hopsworks


def test_hopsworks_is_tried_where_that_is_asked_for(monkeypatch: pytest.MonkeyPatch, cluster: Cluster) -> None:
    """Without --live it is only read; with it a group comes and goes."""
    monkeypatch.setenv("SEGUE_STORE", f"hopsworks://{cluster.project}")
    monkeypatch.setenv("SEGUE_KEY", Fernet.generate_key().decode())
    assert f"hopsworks://{cluster.project} can be read, and has no tracks yet" in line("store")
    assert not cluster.groups
    result = run("--live")
    assert result.exit_code == 0, result.stdout
    assert result.stdout.splitlines()[-1] == (
        "ok    live: wrote, read and removed a feature group; registered, promoted, downloaded and removed a model"
    )
    assert not cluster.groups


@pytest.mark.parametrize("missing", ["SEGUE_STORE", "HOPSWORKS_API_KEY"])
def test_what_a_live_trial_needs_is_said(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """A project, and a key to it."""
    for name, value in {"SEGUE_STORE": "hopsworks://segue", "HOPSWORKS_API_KEY": "sesame"}.items():
        if name != missing:
            monkeypatch.setenv(name, value)
    result = run("--live")
    assert result.exit_code == 1
    assert "live: --live is for Hopsworks: set SEGUE_STORE=hopsworks://PROJECT and HOPSWORKS_API_KEY" in result.stdout
    assert "sesame" not in result.stdout


# Key


def test_a_key_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message does not show it."""
    monkeypatch.setenv("SEGUE_KEY", "sesame")
    assert line("key").startswith("fix   key: SEGUE_KEY is not a key")
    assert "sesame" not in run().stdout


def test_a_key_that_others_can_read_is_named() -> None:
    """It opens every login."""
    settings = load_settings()
    Vault(settings)
    key_file(settings).chmod(0o644)
    assert f"chmod 600 {key_file(settings)}" in line("key")


def test_logins_under_another_key_are_counted(monkeypatch: pytest.MonkeyPatch, store: FeatureStore) -> None:
    """Nobody is named."""
    mine, other = (Fernet.generate_key().decode() for _ in range(2))
    tokens = [Fernet(key).encrypt(b"sesame").decode() for key in (mine, other)]
    store.upsert(LISTENERS, accounts("Someone", "Other").assign(token=tokens))
    monkeypatch.setenv("SEGUE_KEY", mine)
    assert "1 of 2 stored logins were encrypted under another key than SEGUE_KEY" in line("key")
    assert "someone" not in run().stdout.lower()
    monkeypatch.setenv("SEGUE_KEY", f"{mine},{other}")
    assert line("key") == "ok    key: SEGUE_KEY opens every stored login (2)"


# Spotify


def test_an_app_that_spotify_does_not_know_is_named(monkeypatch: pytest.MonkeyPatch, elsewhere: Sandbox) -> None:
    """After a request to the token endpoint, and nothing else."""
    elsewhere.service.requests.clear()
    assert line("spotify").startswith("ok")
    assert list(elsewhere.service.requests) == ["POST /api/token"]
    monkeypatch.setenv("SPOTIFY_CLIENT_SECRET", "sesame")
    assert line("spotify") == (
        "fix   spotify: Spotify does not know this app: check SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET"
    )
    monkeypatch.delenv("SPOTIFY_CLIENT_SECRET")
    assert "only one of them is there" in line("spotify")
    assert CLIENT_SECRET not in run().stdout


def test_without_a_network_credentials_are_not_judged(monkeypatch: pytest.MonkeyPatch, elsewhere: Sandbox) -> None:
    """Nothing is wrong with them as far as anybody knows."""
    del elsewhere
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("SPOTIFY_ACCOUNTS_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
        assert line("spotify").startswith("note  spotify: the app's credentials are set, and could not be tried:")


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("http://127.0.0.1:7860/auth/callback", "ok    redirect: http://127.0.0.1:7860"),
        ("http://[::1]:7860/auth/callback", "ok    redirect: http://[::1]:7860"),
        ("https://music.example/auth/callback", "ok    redirect: https://music.example"),
        ("http://localhost:7860/auth/callback", "SPOTIFY_REDIRECT_URI=http://127.0.0.1:7860/auth/callback"),
        ("http://music.example/auth/callback", "it must be https"),
        ("https://music.example/callback", "it must end in /auth/callback"),
    ],
)
def test_the_form_of_the_redirect_uri_is_looked_at(monkeypatch: pytest.MonkeyPatch, uri: str, said: str) -> None:
    """As Spotify does."""
    monkeypatch.setenv("SPOTIFY_REDIRECT_URI", uri)
    assert said in line("redirect")


def test_a_space_leads_back_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not to the machine of whoever set it up."""
    monkeypatch.setenv("SPACE_HOST", "me-segue.hf.space")
    assert "set SPOTIFY_REDIRECT_URI=https://me-segue.hf.space/auth/callback" in line("redirect")
    monkeypatch.setenv("SPOTIFY_REDIRECT_URI", "https://me-segue.hf.space/auth/callback")
    assert line("redirect").startswith("ok")
