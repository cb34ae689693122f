"""Connects the sandbox's listeners to Segue, by the same login that a person would go through."""

from __future__ import annotations

import secrets
from urllib.parse import parse_qs, urlsplit

import requests

from segue.errors import SettingsError, SpotifyError
from segue.groups import LISTENERS
from segue.sandbox.people import PEOPLE, Person
from segue.settings import Settings
from segue.spotify.accounts import TIMEOUT, authorize_url
from segue.spotify.failures import unreachable
from segue.spotify.session import connect, open_session
from segue.store import FeatureStore


def connect_people(store: FeatureStore, settings: Settings) -> int:
    """Connect every made-up listener whose login does not work, and return how many that were."""
    missing = [person for person in PEOPLE if not _is_connected(store, settings, person)]
    for person in missing:
        connect(store, settings, _consent(settings, person))
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


def _consent(settings: Settings, person: Person) -> str:
    state = secrets.token_urlsafe(16)
    page = f"{authorize_url(settings, state)}&login_hint={person.user_id}"
    try:
        answer = requests.get(page, allow_redirects=False, timeout=TIMEOUT)
    except requests.RequestException as failure:
        raise unreachable("log in", failure) from None
    brought = parse_qs(urlsplit(answer.headers.get("Location", "")).query)
    if brought.get("state") != [state] or "code" not in brought:
        raise SpotifyError(f"the sandbox did not let {person.name} log in: {answer.text or answer.status_code}")
    return brought["code"][0]
