"""Connects the sandbox's listeners to Segue, by the same login that a person would go through."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import requests

from segue.errors import SettingsError, SpotifyError
from segue.groups import LISTENERS
from segue.sandbox.people import PEOPLE, Person
from segue.settings import Settings
from segue.spotify.accounts import TIMEOUT
from segue.spotify.failures import unreachable
from segue.spotify.login import begin_login, finish_login
from segue.spotify.session import open_session
from segue.store import FeatureStore


def connect_people(store: FeatureStore, settings: Settings) -> int:
    """Connect every made-up listener whose login does not work, and return how many that were."""
    missing = [person for person in PEOPLE if not _is_connected(store, settings, person)]
    for person in missing:
        _log_in(store, settings, person)
    return len(missing)


def _is_connected(store: FeatureStore, settings: Settings, person: Person) -> bool:
    known = store.read(LISTENERS, where={"listener_id": person.account_id})
    if known.empty:
        return False
    try:
        open_session(store, settings, known.iloc[0])
    except (SpotifyError, SettingsError):
        return False
    return True


def _log_in(store: FeatureStore, settings: Settings, person: Person) -> None:
    login = begin_login(settings, login_hint=person.user_id)
    try:
        answer = requests.get(login.url, allow_redirects=False, timeout=TIMEOUT)
    except requests.RequestException as failure:
        raise unreachable("log in", failure) from None
    if "Location" not in answer.headers:
        raise SpotifyError(f"the sandbox did not let {person.name} log in: {answer.text or answer.status_code}")
    finish_login(store, settings, login, dict(parse_qsl(urlsplit(answer.headers["Location"]).query)))
