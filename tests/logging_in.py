"""Somebody who logs in, as far as it happens in a browser."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import requests

from segue.settings import Settings
from segue.spotify.login import Login, begin_login, finish_login
from segue.store import FeatureStore


def consent(settings: Settings, listener: str = "juniper") -> tuple[Login, dict[str, str]]:
    """Return a login that was begun, and the answer that consent to it brings."""
    login = begin_login(settings, listener)
    redirect = requests.get(login.url, allow_redirects=False, timeout=5).headers["Location"]
    return login, dict(parse_qsl(urlsplit(redirect).query))


def log_in(store: FeatureStore, settings: Settings, listener: str = "juniper") -> str:
    """Connect a made-up listener, and return their id."""
    return finish_login(store, settings, *consent(settings, listener))
