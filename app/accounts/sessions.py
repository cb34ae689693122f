"""Who is logged in: kept in the store, so that a restart, or another process, knows them still."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import TYPE_CHECKING

import pandas as pd

from segue.groups import SESSIONS

if TYPE_CHECKING:
    from segue.store import FeatureStore

LIFETIME = timedelta(days=30)


@dataclass(frozen=True)
class Sessions:
    """The sessions of all listeners.

    What the store holds is a hash of each session's id: who reads the store can take nobody's place.
    """

    store: FeatureStore

    def begin(self, listener_id: str) -> str:
        """Begin a session of a listener, and return its id, which nobody can guess."""
        session = secrets.token_urlsafe(32)
        row = {"session": _hash(session), "listener_id": listener_id, "expires_at": _now() + LIFETIME}
        self.store.upsert(SESSIONS, pd.DataFrame([row]))
        return session

    def listener_of(self, session: str | None) -> str | None:
        """Return the listener whose session it is; None where there is no such session (any more)."""
        if session is None:
            return None
        found = self.store.read(SESSIONS, ["listener_id", "expires_at"], {"session": _hash(session)})
        current = found[found["expires_at"] > _now()]
        return None if current.empty else str(current["listener_id"].iloc[0])

    def end(self, session: str | None) -> None:
        """End a session; those of the same listener in other browsers go on."""
        if session is not None:
            self.store.delete(SESSIONS, {"session": _hash(session)})


def _hash(session: str) -> str:
    return sha256(session.encode()).hexdigest()


def _now() -> datetime:
    return datetime.now(timezone.utc)
