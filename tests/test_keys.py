"""Rotating the key that encrypts logins."""

from __future__ import annotations

import random
import signal
import subprocess
import sys

import pandas as pd
import pytest
import typer
from accounts import accounts
from cryptography.fernet import Fernet
from typer.testing import CliRunner, Result

from segue.errors import SettingsError
from segue.groups import LISTENERS
from segue.sandbox.address import with_environment
from segue.settings import Settings, load_settings
from segue.spotify.cli import keys
from segue.spotify.rotation import rotate_keys
from segue.spotify.vault import Vault
from segue.store import FeatureStore

NAMES = ("Ada", "Bea", "Cy")
OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


def keyed(*line: str) -> Settings:
    """Return settings with these keys in SEGUE_KEY, the newest first; with none, those of the key file."""
    return with_environment(load_settings(), {"SEGUE_KEY": ",".join(line)}) if line else load_settings()


def store_logins(store: FeatureStore, settings: Settings, *names: str) -> None:
    """Store listeners whose refresh token is their name."""
    rows = accounts(*names)
    store.upsert(LISTENERS, rows.assign(token=[Vault(settings).encrypt(name) for name in names]))


def logins(store: FeatureStore, settings: Settings) -> list[str]:
    """Return every stored token as the keys open it."""
    return [Vault(settings).decrypt(token) for token in store.read(LISTENERS)["token"]]


def run(*arguments: str, **surroundings: str) -> Result:
    """Run `segue keys` as from the command line."""
    program = typer.Typer()
    program.command()(keys)
    return CliRunner().invoke(program, ["rotate", *arguments], env=surroundings)


def test_a_new_key_opens_every_login(store: FeatureStore) -> None:
    """It alone does: the key before stays in the file, and what was encrypted under it is gone from the store."""
    settings = keyed()
    store_logins(store, settings, *NAMES)
    (before,) = Vault(settings).keys
    assert rotate_keys(store, settings).tokens == 3
    first, second = Vault(settings).keys
    assert second == before
    assert logins(store, keyed(first)) == list(NAMES)
    with pytest.raises(SettingsError):
        logins(store, keyed(before))


def test_the_key_file_stays_short_and_private(store: FeatureStore) -> None:
    """Two keys, however often it is rotated; readable by its owner only; nothing is left beside it."""
    settings = keyed()
    store_logins(store, settings, *NAMES)
    for _ in range(3):
        rotate_keys(store, settings)
    assert len(Vault(settings).keys) == 2
    assert (settings.var / "segue.key").stat().st_mode & 0o777 == 0o600
    assert not list(settings.var.glob(".segue.key.*"))
    assert logins(store, settings) == list(NAMES)


def test_a_program_that_had_read_the_old_key_may_still_write(store: FeatureStore) -> None:
    """What it encrypts is opened by the line of keys, and is under the newest one after the next rotation."""
    settings = keyed()
    late = Vault(settings)
    rotate_keys(store, settings)
    store.upsert(LISTENERS, accounts("Ada").assign(token=late.encrypt("Ada")))
    assert logins(store, settings) == ["Ada"]
    rotate_keys(store, settings)
    assert Vault(settings).is_current(store.read(LISTENERS)["token"].iloc[0])


def test_a_rotation_killed_at_any_moment_costs_nobody_their_login(store: FeatureStore) -> None:
    """Again and again: every token is opened by the keys that are there, and a last run ends it."""
    settings = keyed()
    names = [f"Listener{number:02}" for number in range(40)]
    store_logins(store, settings, *names)
    code = (
        "from segue.settings import load_settings; from segue.spotify.rotation import rotate_keys\n"
        "from segue.store import open_store; settings = load_settings(); store = open_store(settings.store_url)\n"
        "print('ready', flush=True)\n"
        "while True: rotate_keys(store, settings)"
    )
    pauses = random.Random(7)
    for _ in range(4):
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=pauses.uniform(0, 0.3))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert logins(store, settings) == names
    rotate_keys(store, settings)
    assert all(map(Vault(settings).is_current, store.read(LISTENERS)["token"]))
    assert len(Vault(settings).keys) == 2


def test_keys_in_the_environment_are_the_operators(store: FeatureStore) -> None:
    """The first one takes over every login; no file is made."""
    store_logins(store, keyed(OLD), *NAMES)
    result = run(SEGUE_KEY=f"{NEW},{OLD}")
    assert result.exit_code == 0
    assert "the other keys in SEGUE_KEY can be taken out" in result.stderr
    assert logins(store, keyed(NEW)) == list(NAMES)
    assert not (keyed(NEW).var / "segue.key").exists()


def test_a_single_key_in_the_environment_is_told_what_to_become(store: FeatureStore) -> None:
    """Without showing any key, old or new."""
    store_logins(store, keyed(OLD), *NAMES)
    result = run(SEGUE_KEY=OLD)
    assert isinstance(result.exception, SettingsError)
    assert "put a new one before it" in str(result.exception)
    assert OLD not in f"{result.exception}{result.output}"
    assert logins(store, keyed(OLD)) == list(NAMES)


def test_a_login_that_no_key_opens_is_named_and_left(store: FeatureStore) -> None:
    """The others are rotated all the same; who has no token is not mentioned."""
    store_logins(store, keyed(OLD), "Ada")
    store_logins(store, keyed(), "Bea")
    store.upsert(LISTENERS, accounts("Cy").assign(status="reconnect"))
    before = store.read(LISTENERS, where={"listener_id": "ada"})
    result = run("--json")
    assert '"tokens": 1' in result.stdout
    assert "Ada: encrypted under a key that is not there; must log in again" in result.stderr
    assert "Cy" not in result.stderr
    pd.testing.assert_frame_equal(store.read(LISTENERS, where={"listener_id": "ada"}), before)
