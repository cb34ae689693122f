"""Who is logged in to the app: known after a restart, to nobody else, and for a limited time."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pandas as pd

from app.accounts.sessions import LIFETIME, Sessions
from segue.groups import LISTENERS, SESSIONS
from segue.spotify.retention import forget, purge
from segue.store import FeatureStore


def connect(store: FeatureStore, *listener_ids: str) -> None:
    """Store listeners."""
    consent = {"service": "sandbox", "consented_at": datetime.now(timezone.utc), "status": "connected"}
    rows = [{**consent, "listener_id": each, "scopes": "", "playlists": "{}"} for each in listener_ids]
    store.upsert(LISTENERS, pd.DataFrame(rows).reindex(columns=list(LISTENERS.columns)).astype(object))


def test_a_session_outlives_the_program(store: FeatureStore) -> None:
    """Whoever was logged in before a restart is so after it."""
    session = Sessions(store).begin("ada")
    assert Sessions(store).listener_of(session) == "ada"


def test_no_session_leads_nowhere(store: FeatureStore) -> None:
    """None at all, one that was made up, and one that has ended."""
    sessions = Sessions(store)
    session = sessions.begin("ada")
    other = sessions.begin("ada")
    sessions.end(session)
    sessions.end(None)
    assert [sessions.listener_of(each) for each in (None, "", "made up", session)] == [None] * 4
    assert sessions.listener_of(other) == "ada"


def test_the_store_holds_nothing_that_opens_a_session(store: FeatureStore) -> None:
    """Its rows know a hash."""
    session = Sessions(store).begin("ada")
    (row,) = store.read(SESSIONS).to_dict("records")
    assert session not in str(row)
    assert Sessions(store).listener_of(row["session"]) is None


def test_a_session_ends_by_itself(store: FeatureStore) -> None:
    """After thirty days; the next run deletes its row."""
    connect(store, "ada")
    session = Sessions(store).begin("ada")
    over = datetime.now(timezone.utc) + timedelta(seconds=-1)
    store.upsert(SESSIONS, store.read(SESSIONS).assign(expires_at=over))
    assert Sessions(store).listener_of(session) is None
    fresh = Sessions(store).begin("ada")
    purge(store, datetime.now(timezone.utc))
    assert len(store.read(SESSIONS)) == 1
    assert Sessions(store).listener_of(fresh) == "ada"
    assert store.read(SESSIONS)["expires_at"].iloc[0] > datetime.now(timezone.utc) + LIFETIME - timedelta(minutes=5)


def test_who_disconnects_is_logged_out_everywhere(store: FeatureStore) -> None:
    """In every browser, and nobody else is."""
    connect(store, "ada", "bea")
    sessions = Sessions(store)
    hers, also_hers, another = sessions.begin("ada"), sessions.begin("ada"), sessions.begin("bea")
    forget(store, "ada")
    assert [sessions.listener_of(each) for each in (hers, also_hers, another)] == [None, None, "bea"]
