"""A listener's own account, as it is shown to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from segue.groups import LISTENERS
from segue.settings import Settings
from segue.spotify.accounts import missing_scopes
from segue.spotify.consent import ConsentWarning, consent_ends, consent_warnings
from segue.spotify.listeners import name_of
from segue.store import FeatureStore


@dataclass(frozen=True)
class Account:
    """A connected account.

    Attributes
    ----------
    listener_id, name : str
        Their id and display name (the id again, where they have none).
    must_log_in : bool
        Whether consent has ended or was withdrawn.
    ends : datetime
        When consent ends.
    missing_scopes : tuple of str
        What a feature needs and they have not granted.
    warning : ConsentWarning or None
        Where consent ends soon.
    """

    listener_id: str
    name: str
    must_log_in: bool
    ends: datetime
    missing_scopes: tuple[str, ...]
    warning: ConsentWarning | None

    def summary(self) -> dict[str, Any]:
        """Return what machines are told."""
        return {"listener": self.name, "until": self.ends.isoformat(), "missing_scopes": self.missing_scopes}


def account_of(store: FeatureStore, settings: Settings, listener_id: str) -> Account | None:
    """Return a listener's account; None where they have disconnected."""
    mine = store.read(LISTENERS, where={"listener_id": listener_id})
    if mine.empty:
        return None
    listener = mine.iloc[0]
    return Account(
        listener_id,
        name_of(listener),
        listener["status"] != "connected",
        consent_ends(listener["consented_at"]),
        missing_scopes(settings, listener["scopes"]),
        next(iter(consent_warnings(mine, datetime.now(timezone.utc))), None),
    )
