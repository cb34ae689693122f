"""Logging in, and what becomes of the tokens."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pandas as pd
import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from logging_in import consent, log_in

from segue.errors import AuthorizationExpiredError, SettingsError, UnavailableError
from segue.groups import LISTENERS
from segue.locks import alone
from segue.sandbox import bodies
from segue.sandbox.address import at_sandbox, environment, with_environment
from segue.sandbox.connect import connect_people
from segue.sandbox.faults import TOKEN_ENDPOINT, Dropped, Empty, ErrorPage, Unavailable
from segue.sandbox.rules import Rule
from segue.sandbox.server import Sandbox
from segue.settings import Settings, load_settings
from segue.spotify import rotation
from segue.spotify.accounts import SCOPES, exchange_code, refresh
from segue.spotify.listeners import connected_listeners, update_listener
from segue.spotify.retrying import ATTEMPTS
from segue.spotify.rotation import rotate_keys
from segue.spotify.session import open_session
from segue.spotify.vault import Vault
from segue.store import FeatureStore

pytest_plugins = ("sandbox_fixture",)

KEY, OLD_KEY = (Fernet.generate_key().decode() for _ in range(2))


def keyed(*keys: str) -> Settings:
    """Return settings with these keys, the newest first."""
    return with_environment(load_settings(), {"SEGUE_KEY": ",".join(keys)})


def stored(store: FeatureStore, listener_id: str = "sandbox-juniper") -> pd.Series:
    """Return a listener as the store has them."""
    return store.read(LISTENERS, where={"listener_id": listener_id}).iloc[0]


@given(secret=st.text())
def test_vault_gives_back_what_it_hid(secret: str) -> None:
    """Whatever was encrypted comes back, and the ciphertext shows nothing of it."""
    vault = Vault(keyed(KEY))
    assert vault.decrypt(vault.encrypt(secret)) == secret
    assert len(secret) < 8 or secret not in vault.encrypt(secret)


def test_key_is_made_once_and_for_the_owner_alone() -> None:
    """Without SEGUE_KEY a key file appears, readable by its owner only, and is used from then on."""
    settings = load_settings()
    hidden = Vault(settings).encrypt("secret")
    assert (settings.var / "segue.key").stat().st_mode & 0o777 == 0o600
    assert Vault(settings).decrypt(hidden) == "secret"
    assert [path.name for path in settings.var.iterdir()] == ["segue.key"]


def test_processes_that_start_at_once_end_with_one_key() -> None:
    """Each of several first processes can read what the others wrote."""
    program = (
        "import sys; from segue.settings import load_settings; from segue.spotify.vault import Vault\n"
        "print('ready', flush=True); sys.stdin.readline(); print(Vault(load_settings()).encrypt('secret'))"
    )
    rivals = [
        subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for rival in rivals:
        assert rival.stdout is not None
        assert rival.stdout.readline() == "ready\n"
    for rival in rivals:
        assert rival.stdin is not None
        rival.stdin.write("go\n")
        rival.stdin.flush()
    hidden = [rival.communicate()[0].strip() for rival in rivals]
    assert [Vault(load_settings()).decrypt(each) for each in hidden] == ["secret"] * 4


def test_old_key_still_opens() -> None:
    """With several keys the newest encrypts and every one decrypts."""
    old = Vault(keyed(OLD_KEY)).encrypt("secret")
    both = Vault(keyed(KEY, OLD_KEY))
    assert both.decrypt(old) == "secret"
    assert Vault(keyed(KEY)).decrypt(both.encrypt("secret")) == "secret"


def test_wrong_key_is_one_clear_line() -> None:
    """A token under another key, and a key that is none, each say what to do."""
    hidden = Vault(keyed(OLD_KEY)).encrypt("secret")
    with pytest.raises(SettingsError, match="another key than SEGUE_KEY: restore that key"):
        Vault(keyed(KEY)).decrypt(hidden)
    with pytest.raises(SettingsError, match="SEGUE_KEY is not a key"):
        Vault(keyed("too short"))


def test_damaged_key_file_is_one_clear_line() -> None:
    """A key file that holds something else is named, and left alone."""
    settings = load_settings()
    settings.var.mkdir()
    (settings.var / "segue.key").write_text("")
    with pytest.raises(SettingsError, match=r"segue\.key is not a key"):
        Vault(settings)


def test_code_works_once(sandbox: Sandbox) -> None:
    """A code brings both tokens, which do not show, and is worthless afterwards."""
    login, answer = consent(sandbox.settings)
    tokens = exchange_code(sandbox.settings, answer["code"], login.verifier)
    assert tokens.refresh_token
    assert (tokens.scopes, tokens.expires_in) == (" ".join(SCOPES), 3600)
    assert tokens.access_token not in repr(tokens)
    assert tokens.refresh_token not in repr(tokens)
    with pytest.raises(AuthorizationExpiredError, match="log in again"):
        exchange_code(sandbox.settings, answer["code"], login.verifier)


def test_code_belongs_to_its_redirect(sandbox: Sandbox) -> None:
    """A code that was issued for another redirect URI is refused."""
    login, answer = consent(sandbox.settings)
    elsewhere = with_environment(sandbox.settings, {"SPOTIFY_REDIRECT_URI": "http://127.0.0.1:1/other"})
    with pytest.raises(AuthorizationExpiredError, match="another SPOTIFY_REDIRECT_URI"):
        exchange_code(elsewhere, answer["code"], login.verifier)


def test_refresh_usually_keeps_the_refresh_token(sandbox: Sandbox) -> None:
    """Spotify sends a new refresh token or none; None means that the old one stays."""
    login, answer = consent(sandbox.settings)
    old = exchange_code(sandbox.settings, answer["code"], login.verifier).refresh_token
    assert old is not None
    assert refresh(sandbox.settings, old).refresh_token is None
    sandbox.service.rotates_refresh_tokens = True
    assert refresh(sandbox.settings, old).refresh_token not in {None, old}
    with pytest.raises(AuthorizationExpiredError):
        refresh(sandbox.settings, old)


def test_wrong_app_is_a_matter_of_settings(sandbox: Sandbox) -> None:
    """A wrong client secret is reported as such, and not as an ended consent."""
    wrong = with_environment(sandbox.settings, {"SPOTIFY_CLIENT_SECRET": "wrong"})
    with pytest.raises(SettingsError, match="check SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET"):
        refresh(wrong, "token")


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the seconds that would have been waited."""
    seconds: list[float] = []
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=seconds.append))
    return seconds


@pytest.mark.parametrize("trouble", [Unavailable, ErrorPage])
def test_a_refresh_that_met_trouble_is_repeated(
    store: FeatureStore, sandbox: Sandbox, slept: list[float], trouble: type[Unavailable | ErrorPage]
) -> None:
    """One bad moment of the accounts service costs nobody their night."""
    log_in(store, sandbox.settings)
    sandbox.service.faults.add(trouble(calls=TOKEN_ENDPOINT, times=2))
    assert open_session(store, sandbox.settings, stored(store)).me()["id"] == "juniper"
    assert len(slept) == 2


@pytest.mark.parametrize("lost", [Dropped(calls=TOKEN_ENDPOINT), Empty(calls=TOKEN_ENDPOINT)])
def test_a_refresh_whose_answer_is_lost_is_not_repeated(store: FeatureStore, sandbox: Sandbox, lost: Rule) -> None:
    """It may have ended the token; nothing has changed in the store."""
    log_in(store, sandbox.settings)
    before = stored(store)
    sandbox.service.requests.clear()
    sandbox.service.faults.add(lost)
    with pytest.raises(UnavailableError):
        open_session(store, sandbox.settings, before)
    assert list(sandbox.service.requests) == [TOKEN_ENDPOINT]
    assert stored(store).equals(before)


def test_a_code_is_tried_once(sandbox: Sandbox) -> None:
    """Whatever goes wrong: whoever is logging in is there to begin again."""
    login, answer = consent(sandbox.settings)
    sandbox.service.requests.clear()
    sandbox.service.faults.add(Unavailable(calls=TOKEN_ENDPOINT))
    with pytest.raises(UnavailableError):
        exchange_code(sandbox.settings, answer["code"], login.verifier)
    assert list(sandbox.service.requests) == [TOKEN_ENDPOINT]


def test_unreachable_accounts_service_is_unavailable(slept: list[float]) -> None:
    """Nobody listening is no reason to throw a login away, and worth a few attempts."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(UnavailableError, match="cannot be reached"):
        refresh(at_sandbox(load_settings(), port), "token")
    assert len(slept) == ATTEMPTS - 1


def test_connecting_stores_a_listener(store: FeatureStore, sandbox: Sandbox) -> None:
    """A login ends in a row keyed by the immutable account id, its token encrypted."""
    before = pd.Timestamp.now("UTC")
    assert log_in(store, sandbox.settings) == "sandbox-juniper"
    listener = stored(store)
    assert (listener["service"], listener["display_name"]) == ("sandbox", "Juniper Vale")
    assert (listener["status"], listener["playlists"]) == ("connected", "{}")
    assert before <= listener["consented_at"] <= pd.Timestamp.now("UTC")
    token = Vault(sandbox.settings).decrypt(listener["token"])
    assert token in sandbox.service.state.read().refresh_tokens
    assert token.encode() not in (sandbox.settings.var / "segue.db").read_bytes()


def test_a_profile_without_an_id_connects_nobody(
    store: FeatureStore, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is trouble at Spotify, and said in one line."""
    monkeypatch.setattr(bodies, "private_user", lambda *_: {"display_name": "Juniper Vale"})
    with pytest.raises(UnavailableError, match="answered without 'id'"):
        log_in(store, sandbox.settings)
    assert store.read(LISTENERS).empty


def test_connecting_again_keeps_the_playlists(store: FeatureStore, sandbox: Sandbox) -> None:
    """Whoever logs in again finds the playlists that Segue kept for them."""
    log_in(store, sandbox.settings)
    update_listener(store, "sandbox-juniper", playlists='{"Segue": "x"}', status="reconnect", token=None)
    log_in(store, sandbox.settings)
    assert (stored(store)["playlists"], stored(store)["status"]) == ('{"Segue": "x"}', "connected")


def test_changes_at_once_do_not_undo_one_another(store: FeatureStore, sandbox: Sandbox) -> None:
    """Two that change different columns of one listener both find what they wrote."""
    log_in(store, sandbox.settings)

    def change(column: str) -> None:
        for number in range(20):
            update_listener(store, "sandbox-juniper", **{column: f"{number}"})
            assert stored(store)[column] == f"{number}"

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(change, ["coverage", "playlists"]))


def test_session_acts_for_its_listener(store: FeatureStore, sandbox: Sandbox) -> None:
    """Each session is the listener's own."""
    connect_people(store, sandbox.settings)
    for _, listener in connected_listeners(store, sandbox.settings).iterrows():
        assert open_session(store, sandbox.settings, listener).me()["account_id"] == listener["listener_id"]


def test_new_refresh_token_is_saved_before_use(store: FeatureStore, sandbox: Sandbox) -> None:
    """With rotating tokens every session leaves the next token in the store, before any call is made."""
    sandbox.service.rotates_refresh_tokens = True
    log_in(store, sandbox.settings)
    for _ in range(3):
        before = stored(store)
        sandbox.service.requests.clear()
        open_session(store, sandbox.settings, before)
        assert list(sandbox.service.requests) == ["POST /api/token"]
        assert Vault(sandbox.settings).decrypt(stored(store)["token"]) in sandbox.service.state.read().refresh_tokens


def test_sessions_at_once_cost_nobody_their_login(store: FeatureStore, sandbox: Sandbox) -> None:
    """With rotating tokens, all who start from the same row get in, one after the other."""
    sandbox.service.rotates_refresh_tokens = True
    log_in(store, sandbox.settings)
    listener = stored(store)
    with ThreadPoolExecutor(4) as pool:
        sessions = list(pool.map(lambda _: open_session(store, sandbox.settings, listener), range(8)))
    assert {session.me()["id"] for session in sessions} == {"juniper"}
    assert stored(store)["status"] == "connected"


def test_processes_at_once_cost_nobody_their_login(store: FeatureStore, sandbox: Sandbox) -> None:
    """With rotating tokens, of several programs that refresh one token at once each gets in, every time."""
    sandbox.service.rotates_refresh_tokens = True
    log_in(store, sandbox.settings)
    program = (
        "import sys; from segue.settings import load_settings; from segue.spotify.listeners import *\n"
        "from segue.spotify.session import open_session; from segue.store import open_store\n"
        "settings = load_settings(); store = open_store(settings.store_url)\n"
        "listener = service_listeners(store, settings).iloc[0]\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "for _ in range(10): print(open_session(store, settings, listener).me()['id'])"
    )
    pipe, surroundings = subprocess.PIPE, {**os.environ, **environment(sandbox.port)}
    rivals = [
        subprocess.Popen([sys.executable, "-c", program], stdin=pipe, stdout=pipe, text=True, env=surroundings)
        for _ in range(3)
    ]
    for rival in rivals:
        assert rival.stdout is not None
        assert rival.stdout.readline() == "ready\n"
    sandbox.service.requests.clear()
    for rival in rivals:
        assert rival.stdin is not None
        rival.stdin.write("go\n")
        rival.stdin.flush()
    assert [rival.communicate()[0].split() for rival in rivals] == [["juniper"] * 10] * 3
    assert list(sandbox.service.requests).count("POST /api/token") == 30  # none of them was refused and tried again
    assert stored(store)["status"] == "connected"
    assert Vault(sandbox.settings).decrypt(stored(store)["token"]) in sandbox.service.state.read().refresh_tokens


def test_a_refresh_does_not_prolong_consent(store: FeatureStore, sandbox: Sandbox) -> None:
    """Six months are counted from the day of consent; only a new login begins them anew."""
    log_in(store, sandbox.settings)
    given = stored(store)["consented_at"]
    open_session(store, sandbox.settings, stored(store))
    assert stored(store)["consented_at"] == given
    log_in(store, sandbox.settings)
    assert stored(store)["consented_at"] > given


def test_a_login_that_comes_meanwhile_is_used(
    store: FeatureStore, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token that dies while it is tried, because another machine was given the next one, ends nothing."""
    log_in(store, sandbox.settings)
    service, vault = sandbox.service, Vault(sandbox.settings)

    class Meanwhile(deque[str]):
        def append(self, request: str) -> None:
            if not self:
                following = service.rotate(vault.decrypt(stored(store)["token"]))
                assert following is not None
                store.update(LISTENERS, {"listener_id": "sandbox-juniper"}, {"token": vault.encrypt(following)})
            super().append(request)

    monkeypatch.setattr(service, "requests", Meanwhile())
    assert open_session(store, sandbox.settings, stored(store)).me()["id"] == "juniper"
    assert list(service.requests) == ["POST /api/token", "POST /api/token", "GET /v1/me"]
    assert stored(store)["status"] == "connected"


def test_a_rotation_of_keys_meanwhile_costs_nobody_their_login(
    store: FeatureStore, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a refresh is under way `keys rotate` waits: the token that the refresh brings is saved, then encrypted."""
    sandbox.service.rotates_refresh_tokens = True
    log_in(store, sandbox.settings)
    passed = Event()

    def alone_and_telling(settings: Settings, name: str, work: str | None = None) -> AbstractContextManager[None]:
        if name.startswith("token-"):
            passed.set()
        return alone(settings, name, work)

    def rotate() -> int:
        try:
            return rotate_keys(store, sandbox.settings).tokens
        finally:
            passed.set()

    class Meanwhile(deque[str]):
        def append(self, request: str) -> None:
            if not self:
                rotations.append(pool.submit(rotate))
                passed.wait()
            super().append(request)

    rotations: list[Future[int]] = []
    monkeypatch.setattr(rotation, "alone", alone_and_telling)
    monkeypatch.setattr(sandbox.service, "requests", Meanwhile())
    with ThreadPoolExecutor(1) as pool:
        open_session(store, sandbox.settings, stored(store))
    assert [each.result() for each in rotations] == [1]
    assert open_session(store, sandbox.settings, stored(store)).me()["id"] == "juniper"
    assert Vault(sandbox.settings).is_current(stored(store)["token"])


def test_ended_consent_asks_for_a_new_login(store: FeatureStore, sandbox: Sandbox) -> None:
    """A withdrawn consent discards the dead token at once, and it is never tried again."""
    log_in(store, sandbox.settings)
    sandbox.service.revoke("juniper")
    with pytest.raises(AuthorizationExpiredError):
        open_session(store, sandbox.settings, stored(store))
    assert (stored(store)["status"], pd.isna(stored(store)["token"])) == ("reconnect", True)
    assert connected_listeners(store, sandbox.settings).empty
    sandbox.service.requests.clear()
    with pytest.raises(AuthorizationExpiredError):
        open_session(store, sandbox.settings, stored(store))
    assert not sandbox.service.requests


def test_trouble_at_spotify_keeps_the_login(store: FeatureStore, sandbox: Sandbox) -> None:
    """Only `invalid_grant` costs a listener their token."""
    log_in(store, sandbox.settings)
    listener = stored(store)
    wrong = with_environment(sandbox.settings, {"SPOTIFY_CLIENT_SECRET": "wrong"})
    with pytest.raises(SettingsError):
        open_session(store, wrong, listener)
    assert stored(store).equals(listener)


def test_nothing_secret_is_logged(store: FeatureStore, sandbox: Sandbox, every_log: pytest.LogCaptureFixture) -> None:
    """Not even at DEBUG does a token or the app's secret reach a log."""
    sandbox.service.rotates_refresh_tokens = True
    log_in(store, sandbox.settings)
    client = open_session(store, sandbox.settings, stored(store))
    client.create_playlist("Mine", "")
    client.top_tracks("short_term")
    memory = sandbox.service.state.read()
    secrets = [*memory.access_tokens, *memory.refresh_tokens, Vault(sandbox.settings).decrypt(stored(store)["token"])]
    assert sandbox.settings.spotify_client_secret is not None
    secrets.append(sandbox.settings.spotify_client_secret.get_secret_value())
    assert "/api/token" in every_log.text
    assert not [secret for secret in secrets if secret in every_log.text]


def test_sandbox_memory_is_apart_from_the_store(store: FeatureStore, sandbox: Sandbox, tmp_path: Path) -> None:
    """Listeners of the sandbox are never taken for listeners of Spotify."""
    log_in(store, sandbox.settings)
    assert connected_listeners(store, load_settings()).empty
    assert len(connected_listeners(store, sandbox.settings)) == 1
    assert (tmp_path / "var" / "sandbox.json").exists()
